/// Fetch (API 1): batches from given offsets on, waiting for new ones if need be.
public struct FetchRequest: WireMessage, Sendable {
    public static var api: APIKey { .fetch }

    /// The broker that copies the partitions; -1 for consumers.
    public var replicaID: Int32 = -1
    /// How long to wait for `minBytes`, ms.
    public var maxWaitMilliseconds: Int32 = 0
    /// Answer as soon as there is this much.
    public var minBytes: Int32 = 0
    /// The most that the whole answer should carry (v3+).
    public var maxBytes: Int32 = Int32.max
    /// 0 reads everything up to the high watermark, 1 only committed transactions (v4+).
    public var isolationLevel: Int8 = 0
    /// The fetch session (v7+, KIP-227); 0 for none.
    public var sessionID: Int32 = 0
    /// The request's number in the session; 0 opens one, -1 is without (v7+).
    public var sessionEpoch: Int32 = -1
    /// What to read.
    public var topics: [Topic] = []
    /// What to take out of the session (v7+).
    public var forgottenTopics: [ForgottenTopic] = []
    /// The consumer's rack (v11+).
    public var rackID: String = ""

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        replicaID: Int32 = -1, maxWaitMilliseconds: Int32 = 0, minBytes: Int32 = 0, maxBytes: Int32 = Int32.max,
        isolationLevel: Int8 = 0, sessionID: Int32 = 0, sessionEpoch: Int32 = -1, topics: [Topic] = [],
        forgottenTopics: [ForgottenTopic] = [], rackID: String = ""
    ) {
        self.replicaID = replicaID
        self.maxWaitMilliseconds = maxWaitMilliseconds
        self.minBytes = minBytes
        self.maxBytes = maxBytes
        self.isolationLevel = isolationLevel
        self.sessionID = sessionID
        self.sessionEpoch = sessionEpoch
        self.topics = topics
        self.forgottenTopics = forgottenTopics
        self.rackID = rackID
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&replicaID)
        try coder.int32(&maxWaitMilliseconds)
        try coder.int32(&minBytes)
        if coder.version >= 3 { try coder.int32(&maxBytes) }
        if coder.version >= 4 { try coder.int8(&isolationLevel) }
        if coder.version >= 7 {
            try coder.int32(&sessionID)
            try coder.int32(&sessionEpoch)
        }
        try coder.array(&topics)
        if coder.version >= 7 { try coder.array(&forgottenTopics) }
        if coder.version >= 11 { try coder.string(&rackID) }
        try coder.tags()
    }

    /// A topic with its partitions.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name.
        public var name: String = ""
        /// Where to read in each partition.
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

    /// Where to read in one partition.
    public struct Partition: WireStructure, Sendable {
        /// The partition's number.
        public var index: Int32 = 0
        /// The leader epoch that the client knows; -1 for none (v9+).
        public var currentLeaderEpoch: Int32 = -1
        /// The offset of the first record to read.
        public var fetchOffset: Int64 = 0
        /// The epoch of the last record that was read; -1 for none (v12+).
        public var lastFetchedEpoch: Int32 = -1
        /// The log start of a copying broker; -1 for consumers (v5+).
        public var logStartOffset: Int64 = -1
        /// The most to send of this partition.
        public var partitionMaxBytes: Int32 = 0

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            index: Int32 = 0, currentLeaderEpoch: Int32 = -1, fetchOffset: Int64 = 0, lastFetchedEpoch: Int32 = -1,
            logStartOffset: Int64 = -1, partitionMaxBytes: Int32 = 0
        ) {
            self.index = index
            self.currentLeaderEpoch = currentLeaderEpoch
            self.fetchOffset = fetchOffset
            self.lastFetchedEpoch = lastFetchedEpoch
            self.logStartOffset = logStartOffset
            self.partitionMaxBytes = partitionMaxBytes
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            if coder.version >= 9 { try coder.int32(&currentLeaderEpoch) }
            try coder.int64(&fetchOffset)
            if coder.version >= 12 { try coder.int32(&lastFetchedEpoch) }
            if coder.version >= 5 { try coder.int64(&logStartOffset) }
            try coder.int32(&partitionMaxBytes)
            try coder.tags()
        }
    }

    /// Partitions that leave the session.
    public struct ForgottenTopic: WireStructure, Sendable {
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
