/// OffsetForLeaderEpoch (API 23): where leader epochs end, so that readers notice a truncated log (KIP-320).
public struct OffsetForLeaderEpochRequest: WireMessage, Sendable {
    public static var api: APIKey { .offsetForLeaderEpoch }

    /// The broker that asks; -1 for clients (v3+).
    public var replicaID: Int32 = -2
    /// What to look up.
    public var topics: [Topic] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(replicaID: Int32 = -2, topics: [Topic] = []) {
        self.replicaID = replicaID
        self.topics = topics
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 3 { try coder.int32(&replicaID) }
        try coder.array(&topics)
        try coder.tags()
    }

    /// A topic with its partitions.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name.
        public var name: String = ""
        /// What to look up in each partition.
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

    /// What to look up in one partition.
    public struct Partition: WireStructure, Sendable {
        /// The partition's number.
        public var index: Int32 = 0
        /// The leader epoch that the client knows; -1 for none (v2+).
        public var currentLeaderEpoch: Int32 = -1
        /// The epoch whose end is asked for.
        public var leaderEpoch: Int32 = 0

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(index: Int32 = 0, currentLeaderEpoch: Int32 = -1, leaderEpoch: Int32 = 0) {
            self.index = index
            self.currentLeaderEpoch = currentLeaderEpoch
            self.leaderEpoch = leaderEpoch
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            if coder.version >= 2 { try coder.int32(&currentLeaderEpoch) }
            try coder.int32(&leaderEpoch)
            try coder.tags()
        }
    }
}
