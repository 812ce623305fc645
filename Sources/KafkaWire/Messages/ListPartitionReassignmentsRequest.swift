/// ListPartitionReassignments (API 46): which partitions are on the move.
public struct ListPartitionReassignmentsRequest: WireMessage, Sendable {
    public static var api: APIKey { .listPartitionReassignments }

    /// How long to wait, ms.
    public var timeoutMilliseconds: Int32 = 60000
    /// Which partitions; nil for all.
    public var topics: [Topic]? = nil

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(timeoutMilliseconds: Int32 = 60000, topics: [Topic]? = nil) {
        self.timeoutMilliseconds = timeoutMilliseconds
        self.topics = topics
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&timeoutMilliseconds)
        try coder.nullableArray(&topics)
        try coder.tags()
    }

    /// The partitions of one topic.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name.
        public var name: String = ""
        /// Its partitions.
        public var partitions: [Int32] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", partitions: [Int32] = []) {
            self.name = name
            self.partitions = partitions
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.int32s(&partitions)
            try coder.tags()
        }
    }
}
