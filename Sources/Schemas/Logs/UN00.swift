import FlatBuffers

/// The units of a process variable (`un00_units.fbs`).
public struct UN00: SchemaView {
    public static let identifier = "un00"

    public static let definition = SchemaDefinition(
        identifier, "the units of a process variable", file: "un00_units.fbs", topics: ["_sampleEnv"],
        root: TableDefinition(
            "Units",
            [
                .required(0, "source_name", .string, "the process variable"),
                .field(1, "timestamp", .number(.int64, time: .nanoseconds), "ns since 1970, when they were read"),
                .field(2, "units", .string, "the units, such as mm; absent: it has none"),
            ]),
        example: #"{"source_name": "IN:DEMO:TEMP", "timestamp_iso": "2026-11-20T12:00:00Z", "units": "K"}"#)

    /// UTF-8 bytes of `sourceName`.
    public let sourceNameBytes: FlatVector<UInt8>
    /// When the units were read: nanoseconds since the Unix epoch.
    public let timestamp: Int64
    private let unitsBytes: FlatVector<UInt8>?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        sourceNameBytes = try table.requiredString(0, "source_name")
        timestamp = try table.scalar(1, "timestamp", default: 0)
        unitsBytes = try table.string(2, "units")
    }

    /// The process variable.
    public var sourceName: String { sourceNameBytes.text }
    /// Its units; nil if it has none.
    public var units: String? { unitsBytes?.text }

    /// Writes a message into `builder`, which is reset first; nil units are left out.
    public static func encode(
        sourceName: String, timestamp: Int64, units: String?, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let text: FlatOffset? = builder.string(units)
        let source: FlatOffset = builder.string(sourceName)
        builder.startTable(slots: 3)
        builder.add(1, timestamp)
        builder.add(0, source)
        builder.add(2, ifPresent: text)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String { "\(sourceName) \(units ?? "without units")" }
}
