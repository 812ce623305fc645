/// A partition by name.
struct PartitionName: Hashable, Sendable, Comparable {
    let topic: String
    let partition: Int32

    static func < (left: PartitionName, right: PartitionName) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}

/// A producer as one of its requests names it.
struct ProducerIdentity: Hashable, Sendable {
    var id: Int64
    var epoch: Int16
}

/// What is known of one transactional id, and the rules by which it changes (KIP-98, KIP-360, KIP-890).
///
/// A value: each rule looks at it and says what is to be done, in a `TransactionStep`; the coordinator does it.
struct Transaction: Equatable, Sendable {
    /// The identity that the producer uses now; epoch -1 before the first one was given out.
    var producer: ProducerIdentity
    /// The epoch before the last bump that the producer asked for itself; -1 for none. A repeated request names it.
    var lastProducerEpoch: Int16 = -1
    /// The id before the present one; -1 for none.
    var previousProducerID: Int64 = -1
    /// The id that the next transaction gets, when the epochs of this one are used up; -1 for none.
    var nextProducerID: Int64 = -1
    /// How long a transaction may stay open, ms.
    var timeoutMilliseconds: Int32
    var state: TransactionState = .empty
    /// Where the transaction has written; of a prepared one, where markers are to be written.
    var partitions: Set<PartitionName> = []
    /// When the transaction began, ms since the epoch; -1 for never.
    var startMilliseconds: Int64 = -1
    /// When anything changed last, ms since the epoch.
    var updateMilliseconds: Int64
    /// The version of the protocol that the client uses: 2 bumps the epoch with each transaction.
    var version: Int16 = 0

    /// Partitions of one transaction, at most.
    static let partitionsMax = 20_000
    /// The first version that bumps the epoch with each transaction (KIP-890).
    static let bumpingVersion: Int16 = 2

    /// Whether no further epoch can be given out: one more is left to fence with.
    var isEpochExhausted: Bool { Self.isExhausted(producer.epoch) }

    static func isExhausted(_ epoch: Int16) -> Bool { epoch >= Int16.max - 1 }

    /// What the producer is called once the present transaction is over.
    var nextProducer: ProducerIdentity {
        nextProducerID >= 0 ? ProducerIdentity(id: nextProducerID, epoch: 0) : producer
    }
}

/// What a request to a transactional id leads to.
enum TransactionStep: Equatable, Sendable {
    /// It is an error, or has to come again.
    case refuse(TransactionRefusal)
    /// It has been done before.
    case keep
    /// A producer id must be drawn first; then the rule is asked again.
    case needsProducerID
    /// This takes the place of what was known. A prepared transaction is to be completed.
    case change(Transaction)
}

/// Why a request was refused. Which Kafka error it becomes depends on the API and its version.
enum TransactionRefusal: Error, Equatable, Sendable {
    /// The transactional id is not known, or belongs to another producer id.
    case unknownProducer
    /// A newer producer of this transactional id has taken over.
    case fenced
    /// The request does not fit the state.
    case wrongState
    /// The partition does not belong to the transaction.
    case notInTransaction
    /// The last transaction is not over yet.
    case busy
    /// The timeout is longer than this broker allows.
    case timeoutTooLong
    /// The request itself is wrong.
    case invalid
    /// A named maximum is reached.
    case limitReached
    /// The broker's own log failed.
    case failed(BrokerError.Kind)
}
