/// The answer to AlterPartitionReassignments (API 45).
public struct AlterPartitionReassignmentsResponse: WireMessage, Sendable {
    public static var api: APIKey { .alterPartitionReassignments }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Whether the number of copies could change (v1+).
    public var allowsReplicationFactorChange: Bool = true
    /// Whether the request as a whole was taken.
    public var errorCode: ErrorCode = .none
    /// What was wrong, for people.
    public var errorMessage: String? = nil
    /// Results by topic.
    public var topics: [Topic] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        throttleMilliseconds: Int32 = 0, allowsReplicationFactorChange: Bool = true, errorCode: ErrorCode = .none,
        errorMessage: String? = nil, topics: [Topic] = []
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.allowsReplicationFactorChange = allowsReplicationFactorChange
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.topics = topics
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
        if coder.version >= 1 { try coder.bool(&allowsReplicationFactorChange) }
        try coder.errorCode(&errorCode)
        try coder.nullableString(&errorMessage)
        try coder.array(&topics)
        try coder.tags()
    }

    /// The partitions of one topic.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name.
        public var name: String = ""
        /// Its partitions.
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

    /// What became of one partition.
    public struct Partition: WireStructure, Sendable {
        /// Its number.
        public var index: Int32 = 0
        /// Whether it worked.
        public var errorCode: ErrorCode = .none
        /// What was wrong, for people.
        public var errorMessage: String? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(index: Int32 = 0, errorCode: ErrorCode = .none, errorMessage: String? = nil) {
            self.index = index
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.tags()
        }
    }
}
