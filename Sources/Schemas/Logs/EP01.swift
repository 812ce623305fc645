import FlatBuffers

/// A change of a process variable's connection (`ep01_epics_connection.fbs`).
public struct EP01: SchemaView {
    public static let identifier = "ep01"

    public static let definition = SchemaDefinition(
        identifier, "a change of a process variable's connection", file: "ep01_epics_connection.fbs",
        topics: ["_sampleEnv"],
        root: TableDefinition(
            "EpicsPVConnectionInfo",
            [
                .field(0, "timestamp", .number(.int64, time: .nanoseconds), "ns since 1970, when it changed"),
                .field(
                    1, "status", .enumeration(EnumerationDefinition("ConnectionInfo", .int16, ConnectionInfo.self)),
                    "the new state"),
                .required(2, "source_name", .string, "the process variable"),
                .field(3, "service_id", .string, "the forwarder that says so"),
            ]),
        example: #"""
            {"timestamp_iso": "2026-11-20T12:00:00Z", "status": "CONNECTED", "source_name": "IN:DEMO:TEMP",
             "service_id": "forwarder"}
            """#)

    /// What became of the connection.
    public enum ConnectionInfo: Int16, SchemaEnumeration {
        case unknown = 0
        case neverConnected = 1
        case connected = 2
        case disconnected = 3
        case destroyed = 4
        case cancelled = 5
        case finished = 6
        case remoteError = 7

        public static let words = [
            "UNKNOWN", "NEVER_CONNECTED", "CONNECTED", "DISCONNECTED", "DESTROYED", "CANCELLED", "FINISHED",
            "REMOTE_ERROR",
        ]
    }

    /// When it changed: nanoseconds since the Unix epoch.
    public let timestamp: Int64
    /// The new state.
    public let status: ConnectionInfo
    /// UTF-8 bytes of `sourceName`.
    public let sourceNameBytes: FlatVector<UInt8>
    private let serviceIDBytes: FlatVector<UInt8>?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        timestamp = try table.scalar(0, "timestamp", default: 0)
        status = try table.enumeration(1, "status", default: .unknown)
        sourceNameBytes = try table.requiredString(2, "source_name")
        serviceIDBytes = try table.string(3, "service_id")
    }

    /// The process variable.
    public var sourceName: String { sourceNameBytes.text }

    /// The forwarder that says so; nil if absent.
    public var serviceID: String? { serviceIDBytes?.text }

    /// Writes a message into `builder`, which is reset first.
    public static func encode(
        timestamp: Int64, status: ConnectionInfo, sourceName: String, serviceID: String?,
        into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let service: FlatOffset? = builder.string(serviceID)
        let source: FlatOffset = builder.string(sourceName)
        builder.startTable(slots: 4)
        builder.add(0, timestamp)
        builder.add(2, source)
        builder.add(3, ifPresent: service)
        builder.add(1, status.rawValue)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    /// An encoded message.
    public static func encoded(
        timestamp: Int64, status: ConnectionInfo, sourceName: String, serviceID: String?
    ) -> [UInt8] {
        var builder = FlatBufferBuilder()
        encode(timestamp: timestamp, status: status, sourceName: sourceName, serviceID: serviceID, into: &builder)
        return builder.array
    }

    public var summary: String {
        "\(sourceName) \(status.word) \(CivilTime.iso(nanoseconds: timestamp))"
    }
}
