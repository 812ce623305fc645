import FlatBuffers

/// A service's sign of life (`x5f2_status.fbs`).
public struct X5F2: SchemaView {
    public static let identifier = "x5f2"

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

    public func writeFields(to json: inout JSONWriter) {
        json.field("software_name", ifPresent: softwareName)
        json.field("software_version", ifPresent: softwareVersion)
        json.field("service_id", ifPresent: serviceID)
        json.field("host_name", ifPresent: hostName)
        json.field("process_id", processID)
        json.field("update_interval", updateInterval)
        json.field("status_json", ifPresent: statusJSON)
    }

    public var summary: String {
        "\(softwareName ?? "?") \(softwareVersion ?? "?") \(serviceID ?? "?") on \(hostName ?? "?") pid \(processID)"
    }
}
