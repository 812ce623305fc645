/// Limits of transactions.
public struct TransactionOptions: Sendable {
    /// The longest timeout that a producer may ask for (Kafka `transaction.max.timeout.ms`), ms.
    public var timeoutMaxMilliseconds: Int32 = 900_000
    /// How long unused transactional ids are kept (Kafka `transactional.id.expiration.ms`), ms.
    public var expirationMilliseconds: Int64 = 7 * 24 * 3600 * 1000

    /// Transactional ids kept at a time; when there are more, a tenth of those without a transaction is forgotten.
    var idsMax = 100_000
    /// Offsets of open transactions kept at a time.
    var offsetsMax = 100_000

    /// Bytes of `__transaction_state` below which it is never rewritten.
    var rewriteBytesMin = InternalLog.rewriteBytesMin

    /// The defaults, which are Kafka's.
    public init() {}
}
