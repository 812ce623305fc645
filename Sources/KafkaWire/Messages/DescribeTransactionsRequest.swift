/// DescribeTransactions (API 65): how some transactional ids stand.
public struct DescribeTransactionsRequest: WireMessage, Sendable {
    public static var api: APIKey { .describeTransactions }

    /// The transactional ids.
    public var transactionalIDs: [String] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(transactionalIDs: [String] = []) {
        self.transactionalIDs = transactionalIDs
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.strings(&transactionalIDs)
        try coder.tags()
    }
}
