/// CreatePartitions (API 37): gives topics more partitions.
public struct CreatePartitionsRequest: WireMessage, Sendable {
    public static var api: APIKey { .createPartitions }

    /// Which topics, and how many partitions they are to have.
    public var topics: [Topic] = []
    /// How long to wait for the partitions, ms.
    public var timeoutMilliseconds: Int32 = 60000
    /// Whether to check only, and create nothing.
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
        try coder.bool(&validateOnly)
        try coder.tags()
    }

    /// A topic that is to grow.
    public struct Topic: WireStructure, Sendable {
        /// Its name.
        public var name: String = ""
        /// How many partitions it is to have in all.
        public var count: Int32 = 0
        /// The brokers of each new partition; nil lets the broker choose.
        public var assignments: [Assignment]? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", count: Int32 = 0, assignments: [Assignment]? = nil) {
            self.name = name
            self.count = count
            self.assignments = assignments
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.int32(&count)
            try coder.nullableArray(&assignments)
            try coder.tags()
        }
    }

    /// The brokers of one new partition.
    public struct Assignment: WireStructure, Sendable {
        /// The brokers.
        public var brokerIDs: [Int32] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(brokerIDs: [Int32] = []) {
            self.brokerIDs = brokerIDs
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32s(&brokerIDs)
            try coder.tags()
        }
    }
}
