import FlatBuffers

extension MO01 {
    /// Counts by strip and by charge, read in place; nil if absent.
    public struct Spectra {
        static let definition = TableDefinition(
            "GEMHist",
            [
                .field(0, "xstrips", .numbers(.uint32), "hits of each x strip"),
                .field(1, "ystrips", .numbers(.uint32), "hits of each y strip"),
                .field(2, "xspectrum", .numbers(.uint32), "hits by charge, x strips"),
                .field(3, "yspectrum", .numbers(.uint32), "hits by charge, y strips"),
                .field(4, "cluster_spectrum", .numbers(.uint32), "clusters by charge"),
                .field(5, "bin_width", .number(.uint32), "charge of one bin"),
            ])

        /// Spectra to encode.
        public struct Owned: Sendable, Equatable {
            /// Hits of each x strip.
            public var xStrips: [UInt32]
            /// Hits of each y strip.
            public var yStrips: [UInt32]
            /// Hits by charge, x strips.
            public var xSpectrum: [UInt32]
            /// Hits by charge, y strips.
            public var ySpectrum: [UInt32]
            /// Clusters by charge.
            public var clusterSpectrum: [UInt32]
            /// Charge of one bin.
            public var binWidth: UInt32

            /// Counts by strip and by charge.
            public init(
                xStrips: [UInt32], yStrips: [UInt32], xSpectrum: [UInt32], ySpectrum: [UInt32],
                clusterSpectrum: [UInt32], binWidth: UInt32
            ) {
                self.xStrips = xStrips
                self.yStrips = yStrips
                self.xSpectrum = xSpectrum
                self.ySpectrum = ySpectrum
                self.clusterSpectrum = clusterSpectrum
                self.binWidth = binWidth
            }

            func add(to builder: inout FlatBufferBuilder) -> FlatOffset {
                let vectors = [xStrips, yStrips, xSpectrum, ySpectrum, clusterSpectrum].map { builder.vector($0) }
                builder.startTable(slots: 6)
                for (slot, vector) in vectors.enumerated() { builder.add(slot, vector) }
                builder.add(5, binWidth)
                return builder.endTable()
            }
        }

        /// Hits of each x strip.
        public let xStrips: FlatVector<UInt32>?
        /// Hits of each y strip.
        public let yStrips: FlatVector<UInt32>?
        /// Hits by charge, x strips.
        public let xSpectrum: FlatVector<UInt32>?
        /// Hits by charge, y strips.
        public let ySpectrum: FlatVector<UInt32>?
        /// Clusters by charge.
        public let clusterSpectrum: FlatVector<UInt32>?
        /// Charge of one bin.
        public let binWidth: UInt32

        init(table: FlatBufferTable) throws(FlatBufferError) {
            xStrips = try table.vector(0, "xstrips")
            yStrips = try table.vector(1, "ystrips")
            xSpectrum = try table.vector(2, "xspectrum")
            ySpectrum = try table.vector(3, "yspectrum")
            clusterSpectrum = try table.vector(4, "cluster_spectrum")
            binWidth = try table.scalar(5, "bin_width", default: 0)
        }
    }
}
