/// AddPartitionsToTxn (API 24): partitions that the transaction will write to.
///
/// Clients name one transaction in versions up to 3; brokers any number from version 4 on.
public struct AddPartitionsToTransactionRequest: WireMessage, Sendable {
    public static var api: APIKey { .addPartitionsToTransaction }

    /// The transactions; exactly one before v4.
    public var transactions: [Transaction] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(transactions: [Transaction] = []) {
        self.transactions = transactions
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 4 {
            try coder.array(&transactions)
        } else {
            var only = transactions.first ?? Transaction()
            try only.codeAlone(&coder)
            transactions = [only]
        }
        try coder.tags()
    }

    /// One transaction with its new partitions.
    public struct Transaction: WireStructure, Sendable {
        /// The transactional id.
        public var transactionalID: String = ""
        /// The producer's id.
        public var producerID: Int64 = 0
        /// The producer's epoch.
        public var producerEpoch: Int16 = 0
        /// Whether only to check that the partitions belong to the transaction (v4+).
        public var isVerification: Bool = false
        /// The partitions.
        public var topics: [Topic] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            transactionalID: String = "", producerID: Int64 = 0, producerEpoch: Int16 = 0, isVerification: Bool = false,
            topics: [Topic] = []
        ) {
            self.transactionalID = transactionalID
            self.producerID = producerID
            self.producerEpoch = producerEpoch
            self.isVerification = isVerification
            self.topics = topics
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&transactionalID)
            try coder.int64(&producerID)
            try coder.int16(&producerEpoch)
            try coder.bool(&isVerification)
            try coder.array(&topics)
            try coder.tags()
        }

        /// The form before v4, where the fields stand in the message itself.
        @inlinable
        mutating func codeAlone<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&transactionalID)
            try coder.int64(&producerID)
            try coder.int16(&producerEpoch)
            try coder.array(&topics)
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
