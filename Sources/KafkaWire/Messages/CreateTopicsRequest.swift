/// CreateTopics (API 19).
public struct CreateTopicsRequest: WireMessage, Sendable {
    public static var api: APIKey { .createTopics }

    /// What to create.
    public var topics: [Topic] = []
    /// How long to wait for the topics, ms.
    public var timeoutMilliseconds: Int32 = 60000
    /// Whether to check only, and create nothing (v1+).
    public var validateOnly: Bool = false

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(topics: [Topic] = [], timeoutMilliseconds: Int32 = 60000, validateOnly: Bool = false) {
        self.topics = topics
        self.timeoutMilliseconds = timeoutMilliseconds
        self.validateOnly = validateOnly
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.array(&topics)
        try coder.int32(&timeoutMilliseconds)
        if coder.version >= 1 { try coder.bool(&validateOnly) }
        try coder.tags()
    }

    /// A topic to create.
    public struct Topic: WireStructure, Sendable {
        /// Its name.
        public var name: String = ""
        /// How many partitions; -1 for the default (v4+) or with assignments.
        public var partitionCount: Int32 = -1
        /// How many copies; -1 for the default (v4+) or with assignments.
        public var replicationFactor: Int16 = -1
        /// Which brokers hold each partition; empty lets the broker choose.
        public var assignments: [Assignment] = []
        /// Settings that differ from the default.
        public var configs: [Config] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            name: String = "", partitionCount: Int32 = -1, replicationFactor: Int16 = -1,
            assignments: [Assignment] = [], configs: [Config] = []
        ) {
            self.name = name
            self.partitionCount = partitionCount
            self.replicationFactor = replicationFactor
            self.assignments = assignments
            self.configs = configs
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.int32(&partitionCount)
            try coder.int16(&replicationFactor)
            try coder.array(&assignments)
            try coder.array(&configs)
            try coder.tags()
        }
    }

    /// The brokers of one partition.
    public struct Assignment: WireStructure, Sendable {
        /// The partition's number.
        public var index: Int32 = 0
        /// The brokers.
        public var brokerIDs: [Int32] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(index: Int32 = 0, brokerIDs: [Int32] = []) {
            self.index = index
            self.brokerIDs = brokerIDs
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            try coder.int32s(&brokerIDs)
            try coder.tags()
        }
    }

    /// A setting of a topic.
    public struct Config: WireStructure, Sendable {
        /// Its name, such as `retention.ms`.
        public var name: String = ""
        /// Its value.
        public var value: String? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", value: String? = nil) {
            self.name = name
            self.value = value
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.nullableString(&value)
            try coder.tags()
        }
    }
}
