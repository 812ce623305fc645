/// DeleteRecords (API 21): gives up the oldest records of partitions.
public struct DeleteRecordsRequest: WireMessage, Sendable {
    public static var api: APIKey { .deleteRecords }

    /// What to give up, by topic.
    public var topics: [Topic] = []
    /// How long to wait, ms.
    public var timeoutMilliseconds: Int32 = 60000

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(topics: [Topic] = [], timeoutMilliseconds: Int32 = 60000) {
        self.topics = topics
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.array(&topics)
        try coder.int32(&timeoutMilliseconds)
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

    /// What to give up of one partition.
    public struct Partition: WireStructure, Sendable {
        /// The partition's number.
        public var index: Int32 = 0
        /// The first offset that is kept; -1 for the high watermark.
        public var offset: Int64 = 0

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(index: Int32 = 0, offset: Int64 = 0) {
            self.index = index
            self.offset = offset
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            try coder.int64(&offset)
            try coder.tags()
        }
    }
}
