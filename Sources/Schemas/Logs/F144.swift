import FlatBuffers

/// A process variable's value at one time (`f144_logdata.fbs`).
public struct F144: SchemaView {
    public static let identifier = "f144"

    public static let definition = SchemaDefinition(
        identifier, "a process variable's value at one time", file: "f144_logdata.fbs",
        topics: ["_sampleEnv", "_runLog"],
        root: TableDefinition(
            "f144_LogData",
            [
                .required(0, "source_name", .string, "the process variable"),
                .field(1, "timestamp", .number(.int64, time: .nanoseconds), "ns since 1970, when the value was taken"),
                .required(2, "value", .union(.logValue), "the value, in the units of un00"),
            ]),
        example: #"""
            {"source_name": "IN:DEMO:TEMP", "timestamp_iso": "2026-11-20T12:00:00Z", "value_type": "Double",
             "value": 4.2}
            """#)

    /// UTF-8 bytes of `sourceName`.
    public let sourceNameBytes: FlatVector<UInt8>
    /// When the value was taken: nanoseconds since the Unix epoch.
    public let timestamp: Int64
    /// The value.
    public let value: Value

    @inlinable
    public init(table: FlatBufferTable) throws(FlatBufferError) {
        sourceNameBytes = try table.requiredString(0, "source_name")
        timestamp = try table.scalar(1, "timestamp", default: 0)
        guard let (tag, member) = try table.union(2, "value") else { throw table.failure(.missing, "value") }
        value = try Value(tag: tag, member)
    }

    /// The process variable.
    public var sourceName: String { sourceNameBytes.text }

    /// Writes a message into `builder`, which is reset first.
    @inlinable
    public static func encode(
        sourceName: String, timestamp: Int64, value: OwnedValue, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let source: FlatOffset = builder.string(sourceName)
        let (tag, member) = value.add(to: &builder)
        builder.startTable(slots: 4)
        builder.add(1, timestamp)
        builder.add(0, source)
        builder.addUnion(2, tag: tag, member)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    /// An encoded message.
    public static func encoded(sourceName: String, timestamp: Int64, value: OwnedValue) -> [UInt8] {
        var builder = FlatBufferBuilder(capacity: 256)
        encode(sourceName: sourceName, timestamp: timestamp, value: value, into: &builder)
        return builder.array
    }

    public var summary: String { "\(sourceName) \(value.shown) \(CivilTime.iso(nanoseconds: timestamp))" }
}
