/// OffsetFetch (API 9): how far groups have read.
public struct OffsetFetchRequest: WireMessage, Sendable {
    public static var api: APIKey { .offsetFetch }

    /// What to look up; exactly one group before v8.
    public var groups: [Group] = []
    /// Whether offsets of open transactions are errors (v7+).
    public var requireStable: Bool = false

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(groups: [Group] = [], requireStable: Bool = false) {
        self.groups = groups
        self.requireStable = requireStable
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 8 {
            try coder.array(&groups)
        } else {
            var only = groups.first ?? Group()
            try coder.string(&only.groupID)
            try coder.nullableArray(&only.topics)
            groups = [only]
        }
        if coder.version >= 7 { try coder.bool(&requireStable) }
        try coder.tags()
    }

    /// A group.
    public struct Group: WireStructure, Sendable {
        /// Its name.
        public var groupID: String = ""
        /// The topics; nil for all that have offsets (v2+).
        public var topics: [Topic]? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(groupID: String = "", topics: [Topic]? = nil) {
            self.groupID = groupID
            self.topics = topics
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&groupID)
            try coder.nullableArray(&topics)
            try coder.tags()
        }
    }

    /// A topic with its partitions.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name.
        public var name: String = ""
        /// The partitions' numbers.
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
