import Bytes

/// Fetch (API 1): batches from given offsets on, waiting for new ones if need be.
public struct FetchRequest: WireMessage, Sendable {
    public static var api: APIKey { .fetch }

    /// The broker that copies the partitions; -1 for consumers. A tagged field from v15 on.
    public var replicaID: Int32 = -1
    /// The epoch of that broker; -1 for none (v15+, tagged).
    public var replicaEpoch: Int64 = -1
    /// The cluster that the client means, if it knows (v12+, tagged).
    public var clusterID: String? = nil
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
        if coder.version <= 14 { try coder.int32(&replicaID) }
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
        try coder.tags(&self)
    }

    /// A topic with its partitions.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name (before v13).
        public var name: String = ""
        /// The topic's id (v13+).
        public var id: UUID = .zero
        /// Where to read in each partition.
        public var partitions: [Partition] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", id: UUID = .zero, partitions: [Partition] = []) {
            self.name = name
            self.id = id
            self.partitions = partitions
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            if coder.version >= 13 { try coder.uuid(&id) } else { try coder.string(&name) }
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
        /// The directory of a copying broker (v17+, tagged).
        public var replicaDirectoryID: UUID = .zero
        /// The high watermark that a copying broker knows; the largest value for consumers (v18+, tagged).
        public var highWatermark: Int64 = Int64.max

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
            try coder.tags(&self)
        }
    }

    /// Partitions that leave the session.
    public struct ForgottenTopic: WireStructure, Sendable {
        /// The topic's name (before v13).
        public var name: String = ""
        /// The topic's id (v13+).
        public var id: UUID = .zero
        /// The partitions' numbers.
        public var partitions: [Int32] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", id: UUID = .zero, partitions: [Int32] = []) {
            self.name = name
            self.id = id
            self.partitions = partitions
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            if coder.version >= 13 { try coder.uuid(&id) } else { try coder.string(&name) }
            try coder.int32s(&partitions)
            try coder.tags()
        }
    }
}

extension FetchRequest: WireTagged {
    @inlinable
    public static func knownTags(version: Int16) -> UInt32 { version >= 15 ? 0b11 : 0b1 }

    @inlinable
    public var presentTags: UInt32 {
        (clusterID == nil ? 0 : 0b1) | (replicaID == -1 && replicaEpoch == -1 ? 0 : 0b10)
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(tag: UInt32, _ coder: inout C) throws(C.Failure) {
        guard tag == 1 else { return try coder.nullableString(&clusterID) }
        try coder.int32(&replicaID)
        try coder.int64(&replicaEpoch)
        try coder.tags()
    }
}

extension FetchRequest.Partition: WireTagged {
    @inlinable
    public static func knownTags(version: Int16) -> UInt32 { version >= 18 ? 0b11 : version >= 17 ? 0b1 : 0 }

    @inlinable
    public var presentTags: UInt32 { (replicaDirectoryID == .zero ? 0 : 0b1) | (highWatermark == .max ? 0 : 0b10) }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(tag: UInt32, _ coder: inout C) throws(C.Failure) {
        if tag == 0 { try coder.uuid(&replicaDirectoryID) } else { try coder.int64(&highWatermark) }
    }
}
