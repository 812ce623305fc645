import FlatBuffers

/// A change of a process variable's connection, the older form (`ep00_epics_connection_info.fbs`).
public struct EP00: SchemaView {
    public static let identifier = "ep00"

    public static let definition = SchemaDefinition(
        identifier, "a change of a process variable's connection", file: "ep00_epics_connection_info.fbs",
        status: .deprecated, topics: ["_sampleEnv"],
        root: TableDefinition(
            "EpicsConnectionInfo",
            [
                .field(0, "timestamp", .number(.uint64, time: .nanoseconds), "ns since 1970, when it changed"),
                .field(
                    1, "type", .enumeration(EnumerationDefinition("EventType", .uint16, EventType.self)),
                    "what happened"),
                .field(2, "source_name", .string, "the process variable"),
                .field(3, "service_id", .string, "the forwarder that says so"),
            ]),
        example: #"""
            {"timestamp_iso": "2026-11-20T12:00:00Z", "type": "CONNECTED", "source_name": "IN:DEMO:TEMP",
             "service_id": "forwarder"}
            """#)

    /// What became of the connection.
    public enum EventType: UInt16, SchemaEnumeration {
        case unknown = 0
        case neverConnected = 1
        case connected = 2
        case disconnected = 3
        case destroyed = 4

        public static let words = ["UNKNOWN", "NEVER_CONNECTED", "CONNECTED", "DISCONNECTED", "DESTROYED"]
    }

    /// When it changed: nanoseconds since the Unix epoch.
    public let timestamp: UInt64
    /// What happened.
    public let type: EventType
    /// UTF-8 bytes of `sourceName`; nil if absent.
    public let sourceNameBytes: FlatVector<UInt8>?
    private let serviceIDBytes: FlatVector<UInt8>?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        timestamp = try table.scalar(0, "timestamp", default: 0)
        type = try table.enumeration(1, "type", default: .unknown)
        sourceNameBytes = try table.string(2, "source_name")
        serviceIDBytes = try table.string(3, "service_id")
    }

    /// The process variable; nil if absent.
    public var sourceName: String? { sourceNameBytes?.text }
    /// The forwarder that says so; nil if absent.
    public var serviceID: String? { serviceIDBytes?.text }

    /// Writes a message into `builder`, which is reset first; nil fields are left out.
    public static func encode(
        timestamp: UInt64, type: EventType, sourceName: String?, serviceID: String?,
        into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let service: FlatOffset? = builder.string(serviceID)
        let source: FlatOffset? = builder.string(sourceName)
        builder.startTable(slots: 4)
        builder.add(0, timestamp)
        builder.add(2, ifPresent: source)
        builder.add(3, ifPresent: service)
        builder.add(1, type.rawValue)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String { "\(sourceName ?? "?") \(type.word)" }
}
