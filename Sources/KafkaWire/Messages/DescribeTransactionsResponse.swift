/// The answer to DescribeTransactions (API 65).
public struct DescribeTransactionsResponse: WireMessage, Sendable {
    public static var api: APIKey { .describeTransactions }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// The transactions.
    public var transactions: [Transaction] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(throttleMilliseconds: Int32 = 0, transactions: [Transaction] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.transactions = transactions
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.array(&transactions)
        try coder.tags()
    }

    /// How one transactional id stands.
    public struct Transaction: WireStructure, Sendable {
        /// Whether it worked.
        public var errorCode: ErrorCode = .none
        /// The transactional id.
        public var transactionalID: String = ""
        /// The state, such as `Ongoing`.
        public var state: String = ""
        /// How long the transaction may stay open, ms.
        public var timeoutMilliseconds: Int32 = 0
        /// When it began, ms since the epoch; -1 for none.
        public var startMilliseconds: Int64 = 0
        /// The producer's id.
        public var producerID: Int64 = 0
        /// The producer's epoch.
        public var producerEpoch: Int16 = 0
        /// The partitions that still wait for their marker.
        public var topics: [Topic] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            errorCode: ErrorCode = .none, transactionalID: String = "", state: String = "",
            timeoutMilliseconds: Int32 = 0, startMilliseconds: Int64 = 0, producerID: Int64 = 0,
            producerEpoch: Int16 = 0, topics: [Topic] = []
        ) {
            self.errorCode = errorCode
            self.transactionalID = transactionalID
            self.state = state
            self.timeoutMilliseconds = timeoutMilliseconds
            self.startMilliseconds = startMilliseconds
            self.producerID = producerID
            self.producerEpoch = producerEpoch
            self.topics = topics
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.errorCode(&errorCode)
            try coder.string(&transactionalID)
            try coder.string(&state)
            try coder.int32(&timeoutMilliseconds)
            try coder.int64(&startMilliseconds)
            try coder.int64(&producerID)
            try coder.int16(&producerEpoch)
            try coder.array(&topics)
            try coder.tags()
        }
    }

    /// A topic with its partitions.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name.
        public var name: String = ""
        /// The partitions' numbers.
        public var partitions: [Int32] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", partitions: [Int32] = []) {
            self.name = name
            self.partitions = partitions
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.int32s(&partitions)
            try coder.tags()
        }
    }
}
