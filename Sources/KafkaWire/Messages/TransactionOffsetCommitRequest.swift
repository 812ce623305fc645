/// TxnOffsetCommit (API 28): how far a group has read, once the transaction is committed.
public struct TransactionOffsetCommitRequest: WireMessage, Sendable {
    public static var api: APIKey { .transactionOffsetCommit }

    /// The transactional id.
    public var transactionalID: String = ""
    /// The group.
    public var groupID: String = ""
    /// The producer's id.
    public var producerID: Int64 = 0
    /// The producer's epoch.
    public var producerEpoch: Int16 = 0
    /// The group's generation; -1 for consumers without membership (v3+).
    public var generation: Int32 = -1
    /// The member; empty without membership (v3+).
    public var memberID: String = ""
    /// The static member id (v3+).
    public var groupInstanceID: String? = nil
    /// The offsets.
    public var topics: [Topic] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        transactionalID: String = "", groupID: String = "", producerID: Int64 = 0, producerEpoch: Int16 = 0,
        generation: Int32 = -1, memberID: String = "", groupInstanceID: String? = nil, topics: [Topic] = []
    ) {
        self.transactionalID = transactionalID
        self.groupID = groupID
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.generation = generation
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
        self.topics = topics
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.string(&transactionalID)
        try coder.string(&groupID)
        try coder.int64(&producerID)
        try coder.int16(&producerEpoch)
        if coder.version >= 3 { try coder.int32(&generation) }
        if coder.version >= 3 { try coder.string(&memberID) }
        if coder.version >= 3 { try coder.nullableString(&groupInstanceID) }
        try coder.array(&topics)
        try coder.tags()
    }

    /// A topic with its partitions.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name.
        public var name: String = ""
        /// The offset of each partition.
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

    /// The offset of one partition.
    public struct Partition: WireStructure, Sendable {
        /// The partition's number.
        public var index: Int32 = 0
        /// The offset of the next record to read.
        public var offset: Int64 = 0
        /// The leader epoch of the last record that was read; -1 for none (v2+).
        public var leaderEpoch: Int32 = -1
        /// What the consumer wants to remember with it.
        public var metadata: String? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(index: Int32 = 0, offset: Int64 = 0, leaderEpoch: Int32 = -1, metadata: String? = nil) {
            self.index = index
            self.offset = offset
            self.leaderEpoch = leaderEpoch
            self.metadata = metadata
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            try coder.int64(&offset)
            if coder.version >= 2 { try coder.int32(&leaderEpoch) }
            try coder.nullableString(&metadata)
            try coder.tags()
        }
    }
}
