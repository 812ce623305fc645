/// The answer to OffsetDelete (API 47).
public struct OffsetDeleteResponse: WireMessage, Sendable {
    public static var api: APIKey { .offsetDelete }

    /// An error of the whole request.
    public var errorCode: ErrorCode = .none
    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Results by topic.
    public var topics: [Topic] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(errorCode: ErrorCode = .none, throttleMilliseconds: Int32 = 0, topics: [Topic] = []) {
        self.errorCode = errorCode
        self.throttleMilliseconds = throttleMilliseconds
        self.topics = topics
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.errorCode(&errorCode)
        try coder.int32(&throttleMilliseconds)
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
