import KafkaWire

/// A thing that has settings, as requests name it.
enum ConfigurationResource: Hashable, Sendable {
    case topic(String)
    /// This broker.
    case node
    /// The defaults of all brokers.
    case cluster
    case group(String)
    /// The log levels of this broker.
    case logger

    /// The resource of a request; throws `invalidRequest` for one that has no settings here.
    ///
    /// - Parameter nodeID: the number of this broker, the only one.
    init(type: Int8, name: String, nodeID: Int32) throws(BrokerError) {
        switch ConfigResourceType(rawValue: type) {
        case .topic?:
            guard !name.isEmpty else { throw BrokerError(.invalidRequest, "default topic settings are the broker's") }
            self = .topic(name)
        case .broker?:
            if !name.isEmpty { try Self.checkNode(name, nodeID) }
            self = name.isEmpty ? .cluster : .node
        case .brokerLogger?:
            try Self.checkNode(name, nodeID)
            self = .logger
        case .group?:
            guard !name.isEmpty else { throw BrokerError(.invalidRequest, "a group's settings need its name") }
            self = .group(name)
        case .clientMetrics?:
            throw BrokerError(
                .invalidRequest, "client metrics (KIP-714) are not offered: subscription \(name.debugDescription)")
        case nil: throw BrokerError(.invalidRequest, "resources of type \(type) have no settings")
        }
    }

    private static func checkNode(_ name: String, _ nodeID: Int32) throws(BrokerError) {
        guard let id = Int32(name) else {
            throw BrokerError(.invalidRequest, "a broker is named by its number, not \(name.debugDescription)")
        }
        guard id == nodeID else {
            throw BrokerError(.invalidRequest, "broker \(name) is not here; the only one is \(nodeID)")
        }
    }
}
