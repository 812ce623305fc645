/// The answer to ListTransactions (API 66).
public struct ListTransactionsResponse: WireMessage, Sendable {
    public static var api: APIKey { .listTransactions }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Whether it worked.
    public var errorCode: ErrorCode = .none
    /// Filters that are no state.
    public var unknownStateFilters: [String] = []
    /// The transactions.
    public var transactions: [Transaction] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        throttleMilliseconds: Int32 = 0, errorCode: ErrorCode = .none, unknownStateFilters: [String] = [],
        transactions: [Transaction] = []
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.unknownStateFilters = unknownStateFilters
        self.transactions = transactions
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.errorCode(&errorCode)
        try coder.strings(&unknownStateFilters)
        try coder.array(&transactions)
        try coder.tags()
    }

    /// One transactional id.
    public struct Transaction: WireStructure, Sendable {
        /// The transactional id.
        public var transactionalID: String = ""
        /// The producer's id.
        public var producerID: Int64 = 0
        /// The state, such as `Ongoing`.
        public var state: String = ""

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(transactionalID: String = "", producerID: Int64 = 0, state: String = "") {
            self.transactionalID = transactionalID
            self.producerID = producerID
            self.state = state
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&transactionalID)
            try coder.int64(&producerID)
            try coder.string(&state)
            try coder.tags()
        }
    }
}
