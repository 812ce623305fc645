import FlatBuffers

/// When a chopper passed its mark (`tdct_timestamps.fbs`).
public struct TDCT: SchemaView {
    public static let identifier = "tdct"

    public static let definition = SchemaDefinition(
        identifier, "when a chopper passed its mark", file: "tdct_timestamps.fbs", topics: ["_choppers"],
        root: TableDefinition(
            "timestamp",
            [
                .required(0, "name", .string, "the chopper"),
                .required(1, "timestamps", .numbers(.uint64, time: .nanoseconds), "ns since 1970, one each turn"),
                .field(2, "sequence_counter", .number(.uint64), "counts up for each message"),
            ]),
        example: #"""
            {"name": "chopper1", "timestamps_iso": ["2026-11-20T12:00:00Z", "2026-11-20T12:00:00.1Z"],
             "sequence_counter": 42}
            """#)

    /// UTF-8 bytes of `name`.
    public let nameBytes: FlatVector<UInt8>
    /// When the mark was seen: nanoseconds since the Unix epoch.
    public let timestamps: FlatVector<UInt64>
    /// Counts up for each message.
    public let sequenceCounter: UInt64

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        nameBytes = try table.requiredString(0, "name")
        timestamps = try table.requiredVector(1, "timestamps")
        sequenceCounter = try table.scalar(2, "sequence_counter", default: 0)
    }

    /// The chopper.
    public var name: String { nameBytes.text }

    /// Writes a message into `builder`, which is reset first.
    public static func encode(
        name: String, timestamps: [UInt64], sequenceCounter: UInt64, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let times = builder.vector(timestamps)
        let chopper: FlatOffset = builder.string(name)
        builder.startTable(slots: 3)
        builder.add(2, sequenceCounter)
        builder.add(0, chopper)
        builder.add(1, times)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String { "\(name) \(timestamps.count) times" }
}
