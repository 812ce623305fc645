/// The answer to ListOffsets (API 2).
public struct ListOffsetsResponse: WireMessage, Sendable {
    public static var api: APIKey { .listOffsets }

    /// How long the client should hold back, ms (v2+).
    public var throttleMilliseconds: Int32 = 0
    /// Results by topic.
    public var topics: [Topic] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(throttleMilliseconds: Int32 = 0, topics: [Topic] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.topics = topics
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 2 { try coder.int32(&throttleMilliseconds) }
        try coder.array(&topics)
        try coder.tags()
    }

    /// A topic with its partitions.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name.
        public var name: String = ""
        /// Results by partition.
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

    /// What was found in one partition. A time behind the last record gives offset -1 and timestamp -1, without an
    /// error.
    public struct Partition: WireStructure, Sendable {
        /// The partition's number.
        public var index: Int32 = 0
        /// Whether it worked.
        public var errorCode: ErrorCode = .none
        /// Offsets, latest first (v0 only).
        public var oldStyleOffsets: [Int64] = []
        /// The timestamp of the record at the offset, ms; -1 for special lookups (v1+).
        public var timestamp: Int64 = -1
        /// The offset; -1 for none (v1+).
        public var offset: Int64 = -1
        /// The leader epoch of the record at the offset (v4+).
        public var leaderEpoch: Int32 = -1

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            index: Int32 = 0, errorCode: ErrorCode = .none, oldStyleOffsets: [Int64] = [], timestamp: Int64 = -1,
            offset: Int64 = -1, leaderEpoch: Int32 = -1
        ) {
            self.index = index
            self.errorCode = errorCode
            self.oldStyleOffsets = oldStyleOffsets
            self.timestamp = timestamp
            self.offset = offset
            self.leaderEpoch = leaderEpoch
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            try coder.errorCode(&errorCode)
            if coder.version == 0 {
                try coder.int64s(&oldStyleOffsets)
            } else {
                try coder.int64(&timestamp)
                try coder.int64(&offset)
            }
            if coder.version >= 4 { try coder.int32(&leaderEpoch) }
            try coder.tags()
        }
    }
}
