import FlatBuffers

/// Which spectrum each detector counts into (`df12_det_spec_map.fbs`): a message of its own, or a part of `PL72`.
public struct DF12: SchemaView {
    public static let identifier = "df12"

    public static let definition = SchemaDefinition(
        identifier, "which spectrum each detector counts into", file: "df12_det_spec_map.fbs", topics: ["_detSpecMap"],
        root: TableDefinition(
            "SpectraDetectorMapping",
            [
                .field(0, "spectrum", .numbers(.int32), "spectrum of each detector"),
                .field(1, "detector_id", .numbers(.int32), "detectors, in the same order"),
                .field(2, "n_spectra", .number(.int32), "number of entries"),
            ]),
        example: #"{"spectrum": [1, 1, 2], "detector_id": [10, 11, 12], "n_spectra": 3}"#)

    /// Spectrum numbers, one for each entry of `detectorID`; nil if absent.
    public let spectrum: FlatVector<Int32>?
    /// Detector numbers; nil if absent.
    public let detectorID: FlatVector<Int32>?
    /// How many spectra there are.
    public let nSpectra: Int32

    /// A table to encode.
    public struct Owned: Sendable, Equatable {
        /// Spectrum numbers, one for each entry of `detectorID`.
        public var spectrum: [Int32]
        /// Detector numbers.
        public var detectorID: [Int32]
        /// How many spectra there are.
        public var nSpectra: Int32

        /// A table of these pairs.
        public init(spectrum: [Int32], detectorID: [Int32], nSpectra: Int32) {
            self.spectrum = spectrum
            self.detectorID = detectorID
            self.nSpectra = nSpectra
        }
    }

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        spectrum = try table.vector(0, "spectrum")
        detectorID = try table.vector(1, "detector_id")
        nSpectra = try table.scalar(2, "n_spectra", default: 0)
    }

    static func add(_ map: Owned, to builder: inout FlatBufferBuilder) -> FlatOffset {
        let detectors = builder.vector(map.detectorID)
        let spectra = builder.vector(map.spectrum)
        builder.startTable(slots: 3)
        builder.add(0, spectra)
        builder.add(1, detectors)
        builder.add(2, map.nSpectra)
        return builder.endTable()
    }

    /// Writes a message into `builder`, which is reset first.
    public static func encode(_ map: Owned, into builder: inout FlatBufferBuilder) {
        builder.reset()
        builder.finish(add(map, to: &builder), identifier: identifier)
    }

    /// An encoded message.
    public static func encoded(_ map: Owned) -> [UInt8] {
        var builder = FlatBufferBuilder()
        encode(map, into: &builder)
        return builder.array
    }

    public var summary: String { "\(detectorID?.count ?? 0) detectors \(nSpectra) spectra" }
}
