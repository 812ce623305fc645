import Bytes

/// The answer to OffsetFetch (API 9). A group that is not known has offset -1, epoch -1 and empty metadata for each
/// partition,
/// and no error.
public struct OffsetFetchResponse: WireMessage, Sendable {
    public static var api: APIKey { .offsetFetch }

    /// How long the client should hold back, ms (v3+).
    public var throttleMilliseconds: Int32 = 0
    /// Results by group; exactly one before v8.
    public var groups: [Group] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(throttleMilliseconds: Int32 = 0, groups: [Group] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.groups = groups
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 3 { try coder.int32(&throttleMilliseconds) }
        if coder.version >= 8 {
            try coder.array(&groups)
        } else {
            var only = groups.first ?? Group()
            try coder.array(&only.topics)
            if coder.version >= 2 { try coder.errorCode(&only.errorCode) }
            groups = [only]
        }
        try coder.tags()
    }

    /// The offsets of one group.
    public struct Group: WireStructure, Sendable {
        /// Its name (v8+).
        public var groupID: String = ""
        /// Offsets by topic.
        public var topics: [Topic] = []
        /// An error of the whole group (v2+; in v0 and v1 it stands with each partition).
        public var errorCode: ErrorCode = .none

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(groupID: String = "", topics: [Topic] = [], errorCode: ErrorCode = .none) {
            self.groupID = groupID
            self.topics = topics
            self.errorCode = errorCode
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&groupID)
            try coder.array(&topics)
            try coder.errorCode(&errorCode)
            try coder.tags()
        }
    }

    /// A topic with its partitions.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name (before v10).
        public var name: String = ""
        /// The topic's id (v10+).
        public var id: UUID = .zero
        /// Offsets by partition.
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
        /// The offset of the next record to read; -1 for none.
        public var offset: Int64 = -1
        /// The leader epoch of the last record that was read; -1 for none (v5+).
        public var leaderEpoch: Int32 = -1
        /// What the consumer wanted to remember with it.
        public var metadata: String? = ""
        /// Whether it worked.
        public var errorCode: ErrorCode = .none

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            index: Int32 = 0, offset: Int64 = -1, leaderEpoch: Int32 = -1, metadata: String? = "",
            errorCode: ErrorCode = .none
        ) {
            self.index = index
            self.offset = offset
            self.leaderEpoch = leaderEpoch
            self.metadata = metadata
            self.errorCode = errorCode
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            try coder.int64(&offset)
            if coder.version >= 5 { try coder.int32(&leaderEpoch) }
            try coder.nullableString(&metadata)
            try coder.errorCode(&errorCode)
            try coder.tags()
        }
    }
}
