/// Limits of transactions.
public struct TransactionOptions: Sendable {
    /// The longest timeout that a producer may ask for (Kafka `transaction.max.timeout.ms`), ms.
    public var timeoutMaxMilliseconds: Int32 = 900_000
    /// How long unused transactional ids are kept (Kafka `transactional.id.expiration.ms`), ms.
    public var expirationMilliseconds: Int64 = 7 * 24 * 3600 * 1000

    /// The defaults, which are Kafka's.
    public init() {}
}
