/// The answer to ListPartitionReassignments (API 46).
public struct ListPartitionReassignmentsResponse: WireMessage, Sendable {
    public static var api: APIKey { .listPartitionReassignments }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Whether it worked.
    public var errorCode: ErrorCode = .none
    /// What was wrong, for people.
    public var errorMessage: String? = nil
    /// What is on the move.
    public var topics: [Topic] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        throttleMilliseconds: Int32 = 0, errorCode: ErrorCode = .none, errorMessage: String? = nil, topics: [Topic] = []
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.topics = topics
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
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

    /// A partition on the move.
    public struct Partition: WireStructure, Sendable {
        /// Its number.
        public var index: Int32 = 0
        /// The brokers that hold it.
        public var replicas: [Int32] = []
        /// Those that are being added.
        public var addingReplicas: [Int32] = []
        /// Those that are being removed.
        public var removingReplicas: [Int32] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            index: Int32 = 0, replicas: [Int32] = [], addingReplicas: [Int32] = [], removingReplicas: [Int32] = []
        ) {
            self.index = index
            self.replicas = replicas
            self.addingReplicas = addingReplicas
            self.removingReplicas = removingReplicas
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            try coder.int32s(&replicas)
            try coder.int32s(&addingReplicas)
            try coder.int32s(&removingReplicas)
            try coder.tags()
        }
    }
}
