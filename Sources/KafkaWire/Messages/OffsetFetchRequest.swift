import Bytes

/// OffsetFetch (API 9): how far groups have read.
public struct OffsetFetchRequest: WireMessage, Sendable {
    /// From this version on topics are named by their id.
    public static let topicIDVersionMin: Int16 = 10

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
        /// The member that asks; nil when it is none (v9+).
        public var memberID: String? = nil
        /// The member's epoch; -1 when it is none (v9+).
        public var memberEpoch: Int32 = -1
        /// The topics; nil for all that have offsets (v2+).
        public var topics: [Topic]? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            groupID: String = "", memberID: String? = nil, memberEpoch: Int32 = -1, topics: [Topic]? = nil
        ) {
            self.groupID = groupID
            self.memberID = memberID
            self.memberEpoch = memberEpoch
            self.topics = topics
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&groupID)
            if coder.version >= 9 {
                try coder.nullableString(&memberID)
                try coder.int32(&memberEpoch)
            }
            try coder.nullableArray(&topics)
            try coder.tags()
        }
    }

    /// A topic with its partitions.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name (before v10).
        public var name: String = ""
        /// The topic's id (v10+).
        public var id: UUID = .zero
        /// The partitions' numbers.
        public var partitions: [Int32] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", id: UUID = .zero, partitions: [Int32] = []) {
            self.name = name
            self.id = id
            self.partitions = partitions
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            if coder.version < 10 { try coder.string(&name) } else { try coder.uuid(&id) }
            try coder.int32s(&partitions)
            try coder.tags()
        }
    }
}
