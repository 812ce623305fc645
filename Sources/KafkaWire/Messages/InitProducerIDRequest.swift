/// InitProducerId (API 22): an identity for an idempotent or transactional producer.
public struct InitProducerIDRequest: WireMessage, Sendable {
    public static var api: APIKey { .initProducerID }

    /// The transactional id; nil for a producer that is only idempotent.
    public var transactionalID: String? = nil
    /// How long a transaction may stay open, ms.
    public var transactionTimeoutMilliseconds: Int32 = 60000
    /// The id whose epoch is to be raised; -1 for none (v3+).
    public var producerID: Int64 = -1
    /// The epoch that the producer has; -1 for none (v3+).
    public var producerEpoch: Int16 = -1

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        transactionalID: String? = nil, transactionTimeoutMilliseconds: Int32 = 60000, producerID: Int64 = -1,
        producerEpoch: Int16 = -1
    ) {
        self.transactionalID = transactionalID
        self.transactionTimeoutMilliseconds = transactionTimeoutMilliseconds
        self.producerID = producerID
        self.producerEpoch = producerEpoch
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.nullableString(&transactionalID)
        try coder.int32(&transactionTimeoutMilliseconds)
        if coder.version >= 3 {
            try coder.int64(&producerID)
            try coder.int16(&producerEpoch)
        }
        try coder.tags()
    }
}
