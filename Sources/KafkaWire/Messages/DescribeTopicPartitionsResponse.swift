import Bytes

/// The answer to DescribeTopicPartitions (API 75).
public struct DescribeTopicPartitionsResponse: WireMessage, Sendable {
    public static var api: APIKey { .describeTopicPartitions }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// The topics of this page, sorted by name.
    public var topics: [Topic] = []
    /// Where the next page begins; nil at the end.
    public var nextCursor: Cursor? = nil

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(throttleMilliseconds: Int32 = 0, topics: [Topic] = [], nextCursor: Cursor? = nil) {
        self.throttleMilliseconds = throttleMilliseconds
        self.topics = topics
        self.nextCursor = nextCursor
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.array(&topics)
        try coder.nullableStructure(&nextCursor)
        try coder.tags()
    }

    /// A topic, or as much of it as fits this page.
    public struct Topic: WireStructure, Sendable {
        /// Whether the topic could be described.
        public var errorCode: ErrorCode = .none
        /// Its name.
        public var name: String? = nil
        /// Its id.
        public var id: UUID = .zero
        /// Whether it holds the broker's own state.
        public var isInternal: Bool = false
        /// The partitions of this page.
        public var partitions: [Partition] = []
        /// What the client may do with it, a bit for each operation; INT32_MIN when not told.
        public var authorizedOperations: Int32 = .min

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            errorCode: ErrorCode = .none, name: String? = nil, id: UUID = .zero, isInternal: Bool = false,
            partitions: [Partition] = [], authorizedOperations: Int32 = .min
        ) {
            self.errorCode = errorCode
            self.name = name
            self.id = id
            self.isInternal = isInternal
            self.partitions = partitions
            self.authorizedOperations = authorizedOperations
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.errorCode(&errorCode)
            try coder.nullableString(&name)
            try coder.uuid(&id)
            try coder.bool(&isInternal)
            try coder.array(&partitions)
            try coder.int32(&authorizedOperations)
            try coder.tags()
        }
    }

    /// A partition.
    public struct Partition: WireStructure, Sendable {
        /// Whether the partition is well.
        public var errorCode: ErrorCode = .none
        /// Its number.
        public var index: Int32 = 0
        /// The broker that leads it.
        public var leaderID: Int32 = -1
        /// The leader's epoch.
        public var leaderEpoch: Int32 = -1
        /// The brokers that hold it.
        public var replicaNodes: [Int32] = []
        /// Those of them that have everything.
        public var inSyncReplicaNodes: [Int32] = []
        /// Those that could lead without losing records; nil when not kept.
        public var eligibleLeaderReplicas: [Int32]? = nil
        /// Those that could lead last; nil when not kept.
        public var lastKnownEligibleLeaders: [Int32]? = nil
        /// Those that are away.
        public var offlineReplicas: [Int32] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            errorCode: ErrorCode = .none, index: Int32 = 0, leaderID: Int32 = -1, leaderEpoch: Int32 = -1,
            replicaNodes: [Int32] = [], inSyncReplicaNodes: [Int32] = [], eligibleLeaderReplicas: [Int32]? = nil,
            lastKnownEligibleLeaders: [Int32]? = nil, offlineReplicas: [Int32] = []
        ) {
            self.errorCode = errorCode
            self.index = index
            self.leaderID = leaderID
            self.leaderEpoch = leaderEpoch
            self.replicaNodes = replicaNodes
            self.inSyncReplicaNodes = inSyncReplicaNodes
            self.eligibleLeaderReplicas = eligibleLeaderReplicas
            self.lastKnownEligibleLeaders = lastKnownEligibleLeaders
            self.offlineReplicas = offlineReplicas
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.errorCode(&errorCode)
            try coder.int32(&index)
            try coder.int32(&leaderID)
            try coder.int32(&leaderEpoch)
            try coder.int32s(&replicaNodes)
            try coder.int32s(&inSyncReplicaNodes)
            try coder.nullableInt32s(&eligibleLeaderReplicas)
            try coder.nullableInt32s(&lastKnownEligibleLeaders)
            try coder.int32s(&offlineReplicas)
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
