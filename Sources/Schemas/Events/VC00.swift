import FlatBuffers

/// Which vetoes are switched on (`vc00_veto_configuration.fbs`).
public struct VC00: SchemaView {
    public static let identifier = "vc00"

    public static let definition = SchemaDefinition(
        identifier, "which vetoes are switched on", file: "vc00_veto_configuration.fbs", topics: ["_vetoConfig"],
        root: TableDefinition(
            "Vetoes",
            [
                .field(0, "timestamp", .number(.int64, time: .nanoseconds), "ns since 1970, when it changed"),
                .field(1, "vetoes", .number(.uint32), "vetoes that are on, a bit each, as in pu00"),
            ]),
        example: #"{"timestamp_iso": "2026-11-20T12:00:00Z", "vetoes": 33}"#)

    /// When the configuration changed: nanoseconds since the Unix epoch.
    public let timestamp: Int64
    /// Vetoes that are on, a bit each, with the meanings of `PU00.vetos`.
    public let vetoes: UInt32

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        timestamp = try table.scalar(0, "timestamp", default: 0)
        vetoes = try table.scalar(1, "vetoes", default: 0)
    }

    /// Writes a message into `builder`, which is reset first.
    public static func encode(timestamp: Int64, vetoes: UInt32, into builder: inout FlatBufferBuilder) {
        builder.reset()
        builder.startTable(slots: 2)
        builder.add(0, timestamp)
        builder.add(1, vetoes)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String {
        "vetoes 0x\(String(vetoes, radix: 16)) \(CivilTime.iso(nanoseconds: timestamp))"
    }
}
