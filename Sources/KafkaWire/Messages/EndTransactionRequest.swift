/// EndTxn (API 26): commits or aborts a transaction.
public struct EndTransactionRequest: WireMessage, Sendable {
    public static var api: APIKey { .endTransaction }

    /// The transactional id.
    public var transactionalID: String = ""
    /// The producer's id.
    public var producerID: Int64 = 0
    /// The producer's epoch.
    public var producerEpoch: Int16 = 0
    /// Whether to commit, and not to abort.
    public var isCommit: Bool = false

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(transactionalID: String = "", producerID: Int64 = 0, producerEpoch: Int16 = 0, isCommit: Bool = false) {
        self.transactionalID = transactionalID
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.isCommit = isCommit
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.string(&transactionalID)
        try coder.int64(&producerID)
        try coder.int16(&producerEpoch)
        try coder.bool(&isCommit)
        try coder.tags()
    }
}
