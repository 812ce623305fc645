/// OffsetDelete (API 47): forgets what a group has committed for partitions of topics that it is not subscribed to.
public struct OffsetDeleteRequest: WireMessage, Sendable {
    public static var api: APIKey { .offsetDelete }

    /// The group.
    public var groupID: String = ""
    /// What to forget.
    public var topics: [Topic] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(groupID: String = "", topics: [Topic] = []) {
        self.groupID = groupID
        self.topics = topics
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.string(&groupID)
        try coder.array(&topics)
        try coder.tags()
    }

    /// A topic with its partitions.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name.
        public var name: String = ""
        /// The partitions.
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

    /// A partition.
    public struct Partition: WireStructure, Sendable {
        /// Its number.
        public var index: Int32 = 0

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(index: Int32 = 0) {
            self.index = index
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            try coder.tags()
        }
    }
}
