import Bytes

/// The answer to Metadata (API 3).
public struct MetadataResponse: WireMessage, Sendable {
    public static var api: APIKey { .metadata }

    /// How long the client should hold back, ms (v3+).
    public var throttleMilliseconds: Int32 = 0
    /// The brokers, at the addresses that clients dial.
    public var brokers: [Broker] = []
    /// The cluster's id (v2+).
    public var clusterID: String? = nil
    /// The node that administers the cluster (v1+).
    public var controllerID: Int32 = -1
    /// The topics.
    public var topics: [Topic] = []
    /// Operations that the client may do, as bits; the smallest value when it did not ask (v8-10).
    public var clusterAuthorizedOperations: Int32 = Int32.min
    /// An error of the whole request (v13+).
    public var errorCode: ErrorCode = .none

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        throttleMilliseconds: Int32 = 0, brokers: [Broker] = [], clusterID: String? = nil, controllerID: Int32 = -1,
        topics: [Topic] = [], clusterAuthorizedOperations: Int32 = Int32.min, errorCode: ErrorCode = .none
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.brokers = brokers
        self.clusterID = clusterID
        self.controllerID = controllerID
        self.topics = topics
        self.clusterAuthorizedOperations = clusterAuthorizedOperations
        self.errorCode = errorCode
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 3 { try coder.int32(&throttleMilliseconds) }
        try coder.array(&brokers)
        if coder.version >= 2 { try coder.nullableString(&clusterID) }
        if coder.version >= 1 { try coder.int32(&controllerID) }
        try coder.array(&topics)
        if coder.version >= 8 && coder.version <= 10 { try coder.int32(&clusterAuthorizedOperations) }
        if coder.version >= 13 { try coder.errorCode(&errorCode) }
        try coder.tags()
    }

    /// A broker.
    public struct Broker: WireStructure, Sendable {
        /// Its number.
        public var nodeID: Int32 = 0
        /// The host to dial.
        public var host: String = ""
        /// The port to dial.
        public var port: Int32 = 0
        /// Its rack (v1+).
        public var rack: String? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(nodeID: Int32 = 0, host: String = "", port: Int32 = 0, rack: String? = nil) {
            self.nodeID = nodeID
            self.host = host
            self.port = port
            self.rack = rack
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&nodeID)
            try coder.string(&host)
            try coder.int32(&port)
            if coder.version >= 1 { try coder.nullableString(&rack) }
            try coder.tags()
        }
    }

    /// A topic.
    public struct Topic: WireStructure, Sendable {
        /// Whether it could be described.
        public var errorCode: ErrorCode = .none
        /// Its name; nil only from v12 on, when it was asked for by an id that is not known.
        public var name: String? = nil
        /// Its id (v10+).
        public var id: UUID = .zero
        /// Whether it belongs to the broker (v1+).
        public var isInternal: Bool = false
        /// Its partitions.
        public var partitions: [Partition] = []
        /// Operations that the client may do, as bits; the smallest value when it did not ask (v8+).
        public var authorizedOperations: Int32 = Int32.min

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            errorCode: ErrorCode = .none, name: String? = nil, id: UUID = .zero, isInternal: Bool = false,
            partitions: [Partition] = [], authorizedOperations: Int32 = Int32.min
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
            if coder.version >= 12 {
                try coder.nullableString(&name)
            } else {
                var required = name ?? ""
                try coder.string(&required)
                name = required
            }
            if coder.version >= 10 { try coder.uuid(&id) }
            if coder.version >= 1 { try coder.bool(&isInternal) }
            try coder.array(&partitions)
            if coder.version >= 8 { try coder.int32(&authorizedOperations) }
            try coder.tags()
        }
    }

    /// A partition.
    public struct Partition: WireStructure, Sendable {
        /// Whether it is available.
        public var errorCode: ErrorCode = .none
        /// Its number.
        public var index: Int32 = 0
        /// The broker that serves it.
        public var leaderID: Int32 = -1
        /// The epoch of the leader (v7+).
        public var leaderEpoch: Int32 = -1
        /// The brokers that hold it.
        public var replicaNodes: [Int32] = []
        /// The brokers that hold it and are in sync.
        public var inSyncReplicaNodes: [Int32] = []
        /// The brokers that hold it and are not there (v5+).
        public var offlineReplicaNodes: [Int32] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            errorCode: ErrorCode = .none, index: Int32 = 0, leaderID: Int32 = -1, leaderEpoch: Int32 = -1,
            replicaNodes: [Int32] = [], inSyncReplicaNodes: [Int32] = [], offlineReplicaNodes: [Int32] = []
        ) {
            self.errorCode = errorCode
            self.index = index
            self.leaderID = leaderID
            self.leaderEpoch = leaderEpoch
            self.replicaNodes = replicaNodes
            self.inSyncReplicaNodes = inSyncReplicaNodes
            self.offlineReplicaNodes = offlineReplicaNodes
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.errorCode(&errorCode)
            try coder.int32(&index)
            try coder.int32(&leaderID)
            if coder.version >= 7 { try coder.int32(&leaderEpoch) }
            try coder.int32s(&replicaNodes)
            try coder.int32s(&inSyncReplicaNodes)
            if coder.version >= 5 { try coder.int32s(&offlineReplicaNodes) }
            try coder.tags()
        }
    }
}
