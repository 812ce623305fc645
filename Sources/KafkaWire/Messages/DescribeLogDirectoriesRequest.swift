/// DescribeLogDirs (API 35): where partitions are kept and how large they are.
public struct DescribeLogDirectoriesRequest: WireMessage, Sendable {
    public static var api: APIKey { .describeLogDirectories }

    /// Which partitions; nil for all.
    public var topics: [Topic]? = nil

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(topics: [Topic]? = nil) {
        self.topics = topics
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
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
