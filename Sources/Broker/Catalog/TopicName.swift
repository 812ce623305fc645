import Bytes

/// The rule for topic names: 1 to 249 characters of `[a-zA-Z0-9._-]`, but not `.` or `..` (Kafka's `Topic.validate`).
///
/// The name becomes a directory, so that nothing else may ever reach the file system.
enum TopicName {
    static let lengthMax = 249
    /// Committed offsets of groups.
    static let consumerOffsets = "__consumer_offsets"
    /// Topics, settings, quotas, credentials, access rules and blocks of producer ids: no client can read it.
    static let clusterMetadata = "__cluster_metadata"
    /// Transactions of producers.
    static let transactionState = "__transaction_state"

    /// The id of a topic of the broker's own; Kafka gives 1 to the metadata.
    static func id(ofInternal name: String) -> UUID {
        precondition(isInternal(name))
        return UUID(high: 0, low: name == clusterMetadata ? 1 : name == consumerOffsets ? 3 : 4)
    }

    /// The topics of the broker's own state.
    static let internalNames = [clusterMetadata, consumerOffsets, transactionState]

    /// Whether the broker keeps its own state in the topic; clients may read but not write it.
    static func isInternal(_ name: String) -> Bool { internalNames.contains(name) }

    /// Throws `invalidTopic` unless the name follows the rule.
    static func check(_ name: String) throws(BrokerError) {
        let bytes = name.utf8
        guard !bytes.isEmpty else { throw BrokerError(.invalidTopic, "topic name is empty; give 1 to 249 characters") }
        guard bytes.count <= lengthMax else {
            throw BrokerError(
                .invalidTopic, "topic name has \(bytes.count) characters; at most \(lengthMax) are allowed")
        }
        guard name != ".", name != ".." else { throw BrokerError(.invalidTopic, "topic name may not be \"\(name)\"") }
        guard bytes.allSatisfy(isAllowed) else {
            throw BrokerError(
                .invalidTopic, "topic name \(name.debugDescription): only letters, digits, '.', '_' and '-' are allowed"
            )
        }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
