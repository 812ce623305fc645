/// The answer to OffsetForLeaderEpoch (API 23).
public struct OffsetForLeaderEpochResponse: WireMessage, Sendable {
    public static var api: APIKey { .offsetForLeaderEpoch }

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

    /// The end of an epoch in one partition.
    public struct Partition: WireStructure, Sendable {
        /// Whether it worked.
        public var errorCode: ErrorCode = .none
        /// The partition's number.
        public var index: Int32 = 0
        /// The largest epoch that is not above the one asked for; -1 for none (v1+).
        public var leaderEpoch: Int32 = -1
        /// The offset behind its last record; -1 for none.
        public var endOffset: Int64 = -1

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(errorCode: ErrorCode = .none, index: Int32 = 0, leaderEpoch: Int32 = -1, endOffset: Int64 = -1) {
            self.errorCode = errorCode
            self.index = index
            self.leaderEpoch = leaderEpoch
            self.endOffset = endOffset
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.errorCode(&errorCode)
            try coder.int32(&index)
            if coder.version >= 1 { try coder.int32(&leaderEpoch) }
            try coder.int64(&endOffset)
            try coder.tags()
        }
    }
}
