import FlatBuffers

/// An entry of NICOS' cache (`ns10_cache_entry.fbs`).
public struct NS10: SchemaView {
    public static let identifier = "ns10"

    public static let definition = SchemaDefinition(
        identifier, "an entry of NICOS' cache", file: "ns10_cache_entry.fbs", status: .deprecated,
        topics: ["_nicosCache"],
        root: TableDefinition(
            "CacheEntry",
            [
                .field(0, "key", .string, "device and parameter, such as nicos/temperature/value"),
                .field(1, "time", .number(.float64, time: .seconds), "s since 1970, when the value was taken"),
                .field(2, "ttl", .number(.float64), "s for which it is valid; 0: for ever"),
                .field(3, "expired", .bool, "whether it is no longer valid"),
                .field(4, "value", .string, "the value as NICOS writes it, a Python literal"),
            ]),
        example:
            #"{"key": "nicos/temperature/value", "time": 1795867200.25, "ttl": 10, "expired": false, "value": "12.5"}"#
    )

    /// When the value was taken: seconds since the Unix epoch.
    public let time: Double
    /// Seconds for which it is valid; 0 is for ever.
    public let timeToLive: Double
    /// Whether it is no longer valid.
    public let expired: Bool
    private let keyBytes: FlatVector<UInt8>?
    private let valueBytes: FlatVector<UInt8>?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        keyBytes = try table.string(0, "key")
        time = try table.scalar(1, "time", default: 0)
        timeToLive = try table.scalar(2, "ttl", default: 0)
        expired = try table.bool(3, "expired")
        valueBytes = try table.string(4, "value")
    }

    /// Device and parameter; nil if absent.
    public var key: String? { keyBytes?.text }
    /// The value as NICOS writes it, a Python literal; nil if absent.
    public var value: String? { valueBytes?.text }

    /// Writes a message into `builder`, which is reset first; nil fields are left out.
    public static func encode(
        key: String?, time: Double, timeToLive: Double, expired: Bool, value: String?,
        into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let text: FlatOffset? = builder.string(value)
        let name: FlatOffset? = builder.string(key)
        builder.startTable(slots: 5)
        builder.add(1, time)
        builder.add(2, timeToLive)
        builder.add(0, ifPresent: name)
        builder.add(4, ifPresent: text)
        builder.add(3, expired)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String { "\(key ?? "?") = \(value ?? "?")\(expired ? " (expired)" : "")" }
}
