import FlatBuffers

extension MO01 {
    /// One point of a track.
    public struct Point: Sendable, Equatable {
        static let definition = TableDefinition(
            "pos",
            [
                .field(0, "time", .number(.uint16), "when"), .field(1, "strip", .number(.uint16), "where"),
                .field(2, "adc", .number(.uint16), "how much charge"),
            ])

        /// When.
        public var time: UInt16
        /// Where.
        public var strip: UInt16
        /// How much charge.
        public var adc: UInt16

        /// A point in the detector's own units.
        public init(time: UInt16, strip: UInt16, adc: UInt16) {
            self.time = time
            self.strip = strip
            self.adc = adc
        }

        init(table: FlatBufferTable) throws(FlatBufferError) {
            time = try table.scalar(0, "time", default: 0)
            strip = try table.scalar(1, "strip", default: 0)
            adc = try table.scalar(2, "adc", default: 0)
        }

        static func all(
            _ table: FlatBufferTable, _ slot: Int, _ name: StaticString
        ) throws(FlatBufferError) -> [Point]? {
            guard let tables = try table.tables(slot, name, maximum: MO01.pointsMaximum) else { return nil }
            var points: [Point] = []
            for table in tables { points.append(try Point(table: table)) }
            return points
        }

        static func add(_ points: [Point], to builder: inout FlatBufferBuilder) -> FlatOffset {
            var offsets: [FlatOffset] = []
            for point in points {
                builder.startTable(slots: 3)
                builder.add(0, point.time)
                builder.add(1, point.strip)
                builder.add(2, point.adc)
                offsets.append(builder.endTable())
            }
            return builder.vector(offsets)
        }
    }

    /// A particle's track.
    public struct Track {
        static let definition = TableDefinition(
            "GEMTrack",
            [
                .field(0, "time_offset", .number(.uint64), "when the track begins"),
                .field(1, "xtrack", .tables(Point.definition, maximum: pointsMaximum), "points on the x strips"),
                .field(2, "ytrack", .tables(Point.definition, maximum: pointsMaximum), "points on the y strips"),
                .field(3, "xpos", .number(.float64), "where the particle came from, in strips"),
                .field(4, "ypos", .number(.float64), "where the particle came from, in strips"),
            ])

        /// A track to encode.
        public struct Owned: Sendable, Equatable {
            /// When the track begins.
            public var timeOffset: UInt64
            /// Points on the x strips.
            public var x: [Point]
            /// Points on the y strips.
            public var y: [Point]
            /// Where the particle came from, in x strips.
            public var xPosition: Double
            /// Where the particle came from, in y strips.
            public var yPosition: Double

            /// A track in the detector's own units.
            public init(timeOffset: UInt64, x: [Point], y: [Point], xPosition: Double, yPosition: Double) {
                self.timeOffset = timeOffset
                self.x = x
                self.y = y
                self.xPosition = xPosition
                self.yPosition = yPosition
            }

            func add(to builder: inout FlatBufferBuilder) -> FlatOffset {
                let ys = Point.add(y, to: &builder)
                let xs = Point.add(x, to: &builder)
                builder.startTable(slots: 5)
                builder.add(0, timeOffset)
                builder.add(3, xPosition)
                builder.add(4, yPosition)
                builder.add(1, xs)
                builder.add(2, ys)
                return builder.endTable()
            }
        }

        /// When the track begins.
        public let timeOffset: UInt64
        /// Points on the x strips; nil if absent.
        public let x: [Point]?
        /// Points on the y strips; nil if absent.
        public let y: [Point]?
        /// Where the particle came from, in x strips.
        public let xPosition: Double
        /// Where the particle came from, in y strips.
        public let yPosition: Double

        init(table: FlatBufferTable) throws(FlatBufferError) {
            timeOffset = try table.scalar(0, "time_offset", default: 0)
            x = try Point.all(table, 1, "xtrack")
            y = try Point.all(table, 2, "ytrack")
            xPosition = try table.scalar(3, "xpos", default: 0)
            yPosition = try table.scalar(4, "ypos", default: 0)
        }
    }
}
