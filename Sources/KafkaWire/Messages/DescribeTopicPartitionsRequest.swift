/// DescribeTopicPartitions (API 75, KIP-966): topics a page at a time.
public struct DescribeTopicPartitionsRequest: WireMessage, Sendable {
    public static var api: APIKey { .describeTopicPartitions }

    /// Which topics; none for all.
    public var topics: [Topic] = []
    /// The most partitions in one answer.
    public var partitionCountMax: Int32 = 2000
    /// Where to go on; nil for the beginning.
    public var cursor: Cursor? = nil

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(topics: [Topic] = [], partitionCountMax: Int32 = 2000, cursor: Cursor? = nil) {
        self.topics = topics
        self.partitionCountMax = partitionCountMax
        self.cursor = cursor
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.array(&topics)
        try coder.int32(&partitionCountMax)
        try coder.nullableStructure(&cursor)
        try coder.tags()
    }

    /// A topic to describe.
    public struct Topic: WireStructure, Sendable {
        /// Its name.
        public var name: String = ""

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "") {
            self.name = name
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.tags()
        }
    }

    /// A place in the list of partitions.
    public struct Cursor: WireStructure, Sendable {
        /// The topic's name.
        public var topic: String = ""
        /// The partition's number.
        public var partition: Int32 = 0

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(topic: String = "", partition: Int32 = 0) {
            self.topic = topic
            self.partition = partition
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&topic)
            try coder.int32(&partition)
            try coder.tags()
        }
    }
}
