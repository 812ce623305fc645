import Bytes

/// The answer to OffsetCommit (API 8).
public struct OffsetCommitResponse: WireMessage, Sendable {
    public static var api: APIKey { .offsetCommit }

    /// How long the client should hold back, ms (v3+).
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
        if coder.version >= 3 { try coder.int32(&throttleMilliseconds) }
        try coder.array(&topics)
        try coder.tags()
    }

    /// A topic with its partitions.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name (before v10).
        public var name: String = ""
        /// The topic's id (v10+).
        public var id: UUID = .zero
        /// Results by partition.
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

    /// What became of one offset.
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
