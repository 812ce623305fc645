import FlatBuffers

/// What a gas detector's monitor (Daquiri) shows: hits, tracks or spectra (`mo01_nmx.fbs`).
public struct MO01: SchemaView {
    public static let identifier = "mo01"
    /// The most points of a track.
    public static let pointsMaximum = 100_000

    public static let definition = SchemaDefinition(
        identifier, "hits, tracks or spectra of a gas detector", file: "mo01_nmx.fbs", topics: ["_monitor"],
        root: TableDefinition(
            "MonitorMessage",
            [
                .field(0, "source_name", .string, "the detector"),
                .field(
                    1, "data", .union(UnionDefinition("DataField", [Spectra.definition, Track.definition, hits])),
                    "what is shown"),
            ]),
        example: #"""
            {"source_name": "nmx", "data_type": "GEMTrack", "data": {"time_offset": 9, "xtrack": [{"time": 1,
             "strip": 2, "adc": 3}], "ytrack": [], "xpos": 1.5, "ypos": 2.5}}
            """#)

    static let hits = TableDefinition(
        "MONHit",
        [
            .field(0, "plane", .numbers(.uint16), "plane of each hit"),
            .field(1, "time", .numbers(.uint32), "time of each hit"),
            .field(2, "channel", .numbers(.uint16), "channel of each hit"),
            .field(3, "adc", .numbers(.uint16), "charge of each hit"),
        ])

    /// What is shown.
    public enum Content {
        case spectra(Spectra)
        case track(Track)
        case hits(Hits)
    }

    /// Single hits, an element each in every array; nil if absent.
    public struct Hits {
        /// Plane of each hit.
        public let plane: FlatVector<UInt16>?
        /// Time of each hit.
        public let time: FlatVector<UInt32>?
        /// Channel of each hit.
        public let channel: FlatVector<UInt16>?
        /// Charge of each hit.
        public let adc: FlatVector<UInt16>?

        init(table: FlatBufferTable) throws(FlatBufferError) {
            plane = try table.vector(0, "plane")
            time = try table.vector(1, "time")
            channel = try table.vector(2, "channel")
            adc = try table.vector(3, "adc")
        }
    }

    /// UTF-8 bytes of `sourceName`; nil if absent.
    public let sourceNameBytes: FlatVector<UInt8>?
    /// What is shown; nil if absent.
    public let content: Content?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        sourceNameBytes = try table.string(0, "source_name")
        switch try table.union(1, "data") {
        case nil: content = nil
        case (1, let member)?: content = .spectra(try Spectra(table: member))
        case (2, let member)?: content = .track(try Track(table: member))
        case (3, let member)?: content = .hits(try Hits(table: member))
        case (let tag, _)?: throw table.failure(.unknownValue(Int(tag)), "data")
        }
    }

    /// The detector; nil if absent.
    public var sourceName: String? { sourceNameBytes?.text }

    /// Writes a message with hits into `builder`, which is reset first.
    public static func encode(
        sourceName: String?, plane: [UInt16], time: [UInt32], channel: [UInt16], adc: [UInt16],
        into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let charges = builder.vector(adc)
        let channels = builder.vector(channel)
        let times = builder.vector(time)
        let planes = builder.vector(plane)
        builder.startTable(slots: 4)
        builder.add(0, planes)
        builder.add(1, times)
        builder.add(2, channels)
        builder.add(3, charges)
        finish(sourceName, 3, builder.endTable(), &builder)
    }

    /// Writes a message with a track into `builder`, which is reset first.
    public static func encode(sourceName: String?, track: Track.Owned, into builder: inout FlatBufferBuilder) {
        builder.reset()
        finish(sourceName, 2, track.add(to: &builder), &builder)
    }

    /// Writes a message with spectra into `builder`, which is reset first.
    public static func encode(sourceName: String?, spectra: Spectra.Owned, into builder: inout FlatBufferBuilder) {
        builder.reset()
        finish(sourceName, 1, spectra.add(to: &builder), &builder)
    }

    private static func finish(
        _ sourceName: String?, _ tag: UInt8, _ content: FlatOffset, _ builder: inout FlatBufferBuilder
    ) {
        let source: FlatOffset? = builder.string(sourceName)
        builder.startTable(slots: 3)
        builder.add(0, ifPresent: source)
        builder.addUnion(1, tag: tag, content)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String {
        let shown =
            switch content {
            case nil: "nothing"
            case .spectra: "spectra"
            case .track(let track): "a track of \(track.x?.count ?? 0) and \(track.y?.count ?? 0) points"
            case .hits(let hits): "\(hits.time?.count ?? 0) hits"
            }
        return "\(sourceName ?? "?") \(shown)"
    }
}
