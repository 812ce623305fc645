/// The answer to AddPartitionsToTxn (API 24).
public struct AddPartitionsToTransactionResponse: WireMessage, Sendable {
    public static var api: APIKey { .addPartitionsToTransaction }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Whether the request as a whole was taken (v4+).
    public var errorCode: ErrorCode = .none
    /// The transactions; exactly one, without its name, before v4.
    public var transactions: [Transaction] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(throttleMilliseconds: Int32 = 0, errorCode: ErrorCode = .none, transactions: [Transaction] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.transactions = transactions
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
        if coder.version >= 4 {
            try coder.errorCode(&errorCode)
            try coder.array(&transactions)
        } else {
            var only = transactions.first ?? Transaction()
            try coder.array(&only.topics)
            transactions = [only]
        }
        try coder.tags()
    }

    /// The partitions of one transaction.
    public struct Transaction: WireStructure, Sendable {
        /// The transactional id (v4+).
        public var transactionalID: String = ""
        /// The partitions.
        public var topics: [Topic] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(transactionalID: String = "", topics: [Topic] = []) {
            self.transactionalID = transactionalID
            self.topics = topics
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&transactionalID)
            try coder.array(&topics)
            try coder.tags()
        }
    }

    /// A topic with its partitions.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name.
        public var name: String = ""
        /// The partitions.
        public var partitions: [Partition] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", partitions: [Partition] = []) {
            self.name = name
            self.partitions = partitions
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.array(&partitions)
            try coder.tags()
        }
    }

    /// Whether one partition was added.
    public struct Partition: WireStructure, Sendable {
        /// The partition's number.
        public var index: Int32 = 0
        /// Whether it worked.
        public var errorCode: ErrorCode = .none

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(index: Int32 = 0, errorCode: ErrorCode = .none) {
            self.index = index
            self.errorCode = errorCode
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            try coder.errorCode(&errorCode)
            try coder.tags()
        }
    }
}
