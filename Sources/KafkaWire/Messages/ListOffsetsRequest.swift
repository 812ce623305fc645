/// ListOffsets (API 2): offsets by time.
public struct ListOffsetsRequest: WireMessage, Sendable {
    public static var api: APIKey { .listOffsets }

    /// The broker that asks; -1 for clients.
    public var replicaID: Int32 = -1
    /// 0 looks at everything up to the high watermark, 1 up to the last stable offset (v2+).
    public var isolationLevel: Int8 = 0
    /// What to look up.
    public var topics: [Topic] = []
    /// How long to wait for an answer from tiered storage, ms (v10+).
    public var timeoutMilliseconds: Int32 = 0

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        replicaID: Int32 = -1, isolationLevel: Int8 = 0, topics: [Topic] = [], timeoutMilliseconds: Int32 = 0
    ) {
        self.replicaID = replicaID
        self.isolationLevel = isolationLevel
        self.topics = topics
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&replicaID)
        if coder.version >= 2 { try coder.int8(&isolationLevel) }
        try coder.array(&topics)
        if coder.version >= 10 { try coder.int32(&timeoutMilliseconds) }
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

    /// The offset behind the last record.
    public static let latest: Int64 = -1
    /// The first offset.
    public static let earliest: Int64 = -2
    /// The record with the largest timestamp (v7+, KIP-734).
    public static let maxTimestamp: Int64 = -3
    /// The first offset on the broker's own disk (v8+, KIP-405).
    public static let earliestLocal: Int64 = -4
    /// The last offset in tiered storage (v9+, KIP-1005).
    public static let latestTiered: Int64 = -5
    /// The first offset that waits for its way to tiered storage (v11+, KIP-1023).
    public static let earliestPendingUpload: Int64 = -6

    /// What to look up in one partition.
    public struct Partition: WireStructure, Sendable {
        /// The partition's number.
        public var index: Int32 = 0
        /// The leader epoch that the client knows; -1 for none (v4+).
        public var currentLeaderEpoch: Int32 = -1
        /// Milliseconds since the epoch: the first offset with at least this timestamp is asked for; or one of the
        /// special values below.
        public var timestamp: Int64 = -1
        /// The most offsets to answer with (v0 only).
        public var maxOffsetCount: Int32 = 1

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            index: Int32 = 0, currentLeaderEpoch: Int32 = -1, timestamp: Int64 = -1, maxOffsetCount: Int32 = 1
        ) {
            self.index = index
            self.currentLeaderEpoch = currentLeaderEpoch
            self.timestamp = timestamp
            self.maxOffsetCount = maxOffsetCount
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            if coder.version >= 4 { try coder.int32(&currentLeaderEpoch) }
            try coder.int64(&timestamp)
            if coder.version == 0 { try coder.int32(&maxOffsetCount) }
            try coder.tags()
        }
    }
}
