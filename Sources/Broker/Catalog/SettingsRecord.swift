import Bytes

/// What `__cluster_metadata` holds of a resource whose settings were changed while the broker runs; topics have theirs
/// in their own record. The layout is explained at `MetadataRecord`.
struct SettingsRecord: Equatable, Sendable {
    /// Whose settings they are.
    enum Resource: Hashable, Sendable {
        /// Of all brokers.
        case cluster
        /// Of this broker.
        case node
        case group(String)
    }

    private static let clusterNumber: Int8 = 0
    private static let nodeNumber: Int8 = 1
    private static let groupNumber: Int8 = 2

    var resource: Resource
    /// By Kafka name; none removes the record.
    var settings: [String: String]

    func encodeKey(into writer: inout ByteWriter) {
        switch resource {
        case .cluster: writer.int8(Self.clusterNumber)
        case .node: writer.int8(Self.nodeNumber)
        case .group(let name):
            writer.int8(Self.groupNumber)
            writer.shortString(name)
        }
    }

    func encodeValue(into writer: inout ByteWriter) { writer.settings(settings) }

    init(resource: Resource, settings: [String: String]) {
        self.resource = resource
        self.settings = settings
    }

    /// Reads the key, and the value behind its version unless the record was removed.
    init(key: inout ByteReader, value: inout ByteReader?) throws(DecodeError) {
        switch try key.int8() {
        case Self.clusterNumber: resource = .cluster
        case Self.nodeNumber: resource = .node
        case Self.groupNumber: resource = .group(try key.shortString())
        default: throw DecodeError("resource of a settings record", at: key.position)
        }
        settings = try value?.settings() ?? [:]
    }
}

extension ByteWriter {
    /// Appends an int32 count and name and value of each setting, sorted by name.
    mutating func settings(_ settings: [String: String]) {
        int32(Int32(settings.count))
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
            shortString(name)
            shortString(value)
        }
    }
}

extension ByteReader {
    /// An int32 count and name and value of each setting.
    mutating func settings() throws(DecodeError) -> [String: String] {
        let count = try int32()
        guard count >= 0, Int(count) * 4 <= remaining else { throw DecodeError("setting count \(count)", at: position) }
        var settings: [String: String] = [:]
        for _ in 0..<count {
            let name = try shortString()
            settings[name] = try shortString()
        }
        return settings
    }
}
