/// AddOffsetsToTxn (API 25): offsets of a group will be committed with the transaction.
public struct AddOffsetsToTransactionRequest: WireMessage, Sendable {
    public static var api: APIKey { .addOffsetsToTransaction }

    /// The transactional id.
    public var transactionalID: String = ""
    /// The producer's id.
    public var producerID: Int64 = 0
    /// The producer's epoch.
    public var producerEpoch: Int16 = 0
    /// The group.
    public var groupID: String = ""

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(transactionalID: String = "", producerID: Int64 = 0, producerEpoch: Int16 = 0, groupID: String = "") {
        self.transactionalID = transactionalID
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.groupID = groupID
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.string(&transactionalID)
        try coder.int64(&producerID)
        try coder.int16(&producerEpoch)
        try coder.string(&groupID)
        try coder.tags()
    }
}
