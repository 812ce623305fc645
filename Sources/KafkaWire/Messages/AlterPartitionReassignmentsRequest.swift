/// AlterPartitionReassignments (API 45): moves partitions between brokers.
public struct AlterPartitionReassignmentsRequest: WireMessage, Sendable {
    public static var api: APIKey { .alterPartitionReassignments }

    /// How long to wait, ms.
    public var timeoutMilliseconds: Int32 = 60000
    /// Whether the number of copies may change (v1+).
    public var allowsReplicationFactorChange: Bool = true
    /// What to move.
    public var topics: [Topic] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(timeoutMilliseconds: Int32 = 60000, allowsReplicationFactorChange: Bool = true, topics: [Topic] = []) {
        self.timeoutMilliseconds = timeoutMilliseconds
        self.allowsReplicationFactorChange = allowsReplicationFactorChange
        self.topics = topics
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&timeoutMilliseconds)
        if coder.version >= 1 { try coder.bool(&allowsReplicationFactorChange) }
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

    /// Where one partition is to go.
    public struct Partition: WireStructure, Sendable {
        /// Its number.
        public var index: Int32 = 0
        /// The brokers that are to hold it; nil cancels what is under way.
        public var replicas: [Int32]? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(index: Int32 = 0, replicas: [Int32]? = nil) {
            self.index = index
            self.replicas = replicas
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            try coder.nullableInt32s(&replicas)
            try coder.tags()
        }
    }
}
