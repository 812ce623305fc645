import Bytes

/// OffsetCommit (API 8): how far a group has read.
public struct OffsetCommitRequest: WireMessage, Sendable {
    /// From this version on topics are named by their id.
    public static let topicIDVersionMin: Int16 = 10

    public static var api: APIKey { .offsetCommit }

    /// The group.
    public var groupID: String = ""
    /// The group's generation, or the member's epoch (KIP-848, v9+); -1 for consumers without membership (v1+).
    public var generation: Int32 = -1
    /// The member; empty without membership (v1+).
    public var memberID: String = ""
    /// The static member id (v7+).
    public var groupInstanceID: String? = nil
    /// How long to keep the offsets, ms; -1 for the broker's setting (v2-4).
    public var retentionMilliseconds: Int64 = -1
    /// The offsets.
    public var topics: [Topic] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        groupID: String = "", generation: Int32 = -1, memberID: String = "", groupInstanceID: String? = nil,
        retentionMilliseconds: Int64 = -1, topics: [Topic] = []
    ) {
        self.groupID = groupID
        self.generation = generation
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
        self.retentionMilliseconds = retentionMilliseconds
        self.topics = topics
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.string(&groupID)
        if coder.version >= 1 {
            try coder.int32(&generation)
            try coder.string(&memberID)
        }
        if coder.version >= 7 { try coder.nullableString(&groupInstanceID) }
        if coder.version >= 2 && coder.version <= 4 { try coder.int64(&retentionMilliseconds) }
        try coder.array(&topics)
        try coder.tags()
    }

    /// A topic with its partitions.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name (before v10).
        public var name: String = ""
        /// The topic's id (v10+).
        public var id: UUID = .zero
        /// The offset of each partition.
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
            if coder.version < 10 { try coder.string(&name) } else { try coder.uuid(&id) }
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
        /// The leader epoch of the last record that was read; -1 for none (v6+).
        public var leaderEpoch: Int32 = -1
        /// When it was committed, ms (v1 only).
        public var commitTimestamp: Int64 = -1
        /// What the consumer wants to remember with it.
        public var metadata: String? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            index: Int32 = 0, offset: Int64 = 0, leaderEpoch: Int32 = -1, commitTimestamp: Int64 = -1,
            metadata: String? = nil
        ) {
            self.index = index
            self.offset = offset
            self.leaderEpoch = leaderEpoch
            self.commitTimestamp = commitTimestamp
            self.metadata = metadata
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            try coder.int64(&offset)
            if coder.version >= 6 { try coder.int32(&leaderEpoch) }
            if coder.version == 1 { try coder.int64(&commitTimestamp) }
            try coder.nullableString(&metadata)
            try coder.tags()
        }
    }
}
