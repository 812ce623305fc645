/// The quotas that can be set, by Kafka's names (`QuotaConfig`).
enum QuotaKey: String, Sendable, CaseIterable {
    /// Bytes of records that a client may send, a second.
    case producerByteRate = "producer_byte_rate"
    /// Bytes of records that a client may get, a second.
    case consumerByteRate = "consumer_byte_rate"
    /// Share of a thread's time, percent. Stored, not enforced: requests are not timed by client.
    case requestPercentage = "request_percentage"
    /// Partitions created or deleted, a second. Stored, not enforced.
    case controllerMutationRate = "controller_mutation_rate"
    /// Connections from an address, a second.
    case connectionCreationRate = "connection_creation_rate"

    /// The quota of a request; throws `invalidRequest` for one that the entity cannot have.
    init(_ name: String, of entity: QuotaEntity) throws(BrokerError) {
        guard let key = QuotaKey(rawValue: name), (key == .connectionCreationRate) == (entity.ip != nil) else {
            throw BrokerError(.invalidRequest, "quota \(name.debugDescription) is not one of \(entity.parts.names)")
        }
        self = key
    }

    /// Throws `invalidRequest` unless the value is above 0, and whole where bytes and connections are counted.
    func check(_ value: Double) throws(BrokerError) {
        guard value > 0, value.isFinite else {
            throw BrokerError(.invalidRequest, "quota \(rawValue) must be greater than 0")
        }
        switch self {
        case .requestPercentage, .controllerMutationRate: return
        case .producerByteRate, .consumerByteRate, .connectionCreationRate:
            let limit: Double = self == .connectionCreationRate ? Double(Int32.max) : Double(Int64.max)
            guard value == value.rounded(), value <= limit else {
                throw BrokerError(.invalidRequest, "quota \(rawValue) of \(value): give a whole number up to \(limit)")
            }
        }
    }
}

extension Set<QuotaEntity.Part> {
    fileprivate var names: String { map(\.rawValue).sorted().joined(separator: " and ") }
}
