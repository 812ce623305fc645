/// The brokers that a request gives a partition to; the only one here is this one.
enum ReplicaAssignment {
    /// Throws `invalidReplicaAssignment` unless the partition is given to this broker and to no other.
    static func check(_ brokers: [Int32], nodeID: Int32) throws(BrokerError) {
        guard brokers != [nodeID] else { return }
        let text: String
        if let other = brokers.first(where: { $0 != nodeID }) {
            text = "broker \(other) does not exist; the only one is \(nodeID)"
        } else if brokers.isEmpty {
            text = "a partition needs a broker"
        } else {
            text = "broker \(nodeID) is named more than once"
        }
        throw BrokerError(.invalidReplicaAssignment, text)
    }
}
