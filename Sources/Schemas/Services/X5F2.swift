import FlatBuffers

/// A service's sign of life (`x5f2_status.fbs`).
public struct X5F2: SchemaView {
    public static let identifier = "x5f2"

    public static let definition = SchemaDefinition(
        identifier, "a service's sign of life", file: "x5f2_status.fbs", topics: ["_runInfo", "_forwarderStatus"],
        root: TableDefinition(
            "Status",
            [
                .field(0, "software_name", .string, "the program"),
                .field(1, "software_version", .string, "its version"),
                .field(2, "service_id", .string, "the service's own name"),
                .field(3, "host_name", .string, "where it runs"),
                .field(4, "process_id", .number(.uint32), "its process number"),
                .field(5, "update_interval", .number(.uint32), "ms between two of these"),
                .field(6, "status_json", .string, "what it is doing, JSON"),
            ]),
        example: #"""
            {"software_name": "writer", "software_version": "1.0", "service_id": "writer-1", "host_name": "beamline",
             "process_id": 4711, "update_interval": 2000, "status_json": "{\"state\": \"idle\"}"}
            """#)

    /// The service's process number.
    public let processID: UInt32
    /// How often it reports: milliseconds.
    public let updateInterval: UInt32
    private let softwareNameBytes: FlatVector<UInt8>?
    private let softwareVersionBytes: FlatVector<UInt8>?
    private let serviceIDBytes: FlatVector<UInt8>?
    private let hostNameBytes: FlatVector<UInt8>?
    private let statusJSONBytes: FlatVector<UInt8>?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        softwareNameBytes = try table.string(0, "software_name")
        softwareVersionBytes = try table.string(1, "software_version")
        serviceIDBytes = try table.string(2, "service_id")
        hostNameBytes = try table.string(3, "host_name")
        processID = try table.scalar(4, "process_id", default: 0)
        updateInterval = try table.scalar(5, "update_interval", default: 0)
        statusJSONBytes = try table.string(6, "status_json")
    }

    /// The program; nil if absent.
    public var softwareName: String? { softwareNameBytes?.text }
    /// Its version; nil if absent.
    public var softwareVersion: String? { softwareVersionBytes?.text }
    /// The service's own name; nil if absent.
    public var serviceID: String? { serviceIDBytes?.text }
    /// Where it runs; nil if absent.
    public var hostName: String? { hostNameBytes?.text }
    /// What it is doing, as JSON; nil if absent.
    public var statusJSON: String? { statusJSONBytes?.text }

    /// Writes a message into `builder`, which is reset first; nil fields are left out.
    public static func encode(
        softwareName: String?, softwareVersion: String?, serviceID: String?, hostName: String?, processID: UInt32,
        updateInterval: UInt32, statusJSON: String?, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let status: FlatOffset? = builder.string(statusJSON)
        let host: FlatOffset? = builder.string(hostName)
        let service: FlatOffset? = builder.string(serviceID)
        let version: FlatOffset? = builder.string(softwareVersion)
        let software: FlatOffset? = builder.string(softwareName)
        builder.startTable(slots: 7)
        builder.add(0, ifPresent: software)
        builder.add(1, ifPresent: version)
        builder.add(2, ifPresent: service)
        builder.add(3, ifPresent: host)
        builder.add(4, processID)
        builder.add(5, updateInterval)
        builder.add(6, ifPresent: status)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    /// An encoded message; nil fields are left out.
    public static func encoded(
        softwareName: String?, softwareVersion: String?, serviceID: String?, hostName: String?, processID: UInt32,
        updateInterval: UInt32, statusJSON: String?
    ) -> [UInt8] {
        var builder = FlatBufferBuilder()
        encode(
            softwareName: softwareName, softwareVersion: softwareVersion, serviceID: serviceID, hostName: hostName,
            processID: processID, updateInterval: updateInterval, statusJSON: statusJSON, into: &builder)
        return builder.array
    }

    public var summary: String {
        "\(softwareName ?? "?") \(softwareVersion ?? "?") \(serviceID ?? "?") on \(hostName ?? "?") pid \(processID)"
    }
}
