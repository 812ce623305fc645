import Bytes

/// The answer to DescribeQuorum (API 55).
public struct DescribeQuorumResponse: WireMessage, Sendable {
    public static var api: APIKey { .describeQuorum }

    /// Whether it worked.
    public var errorCode: ErrorCode = .none
    /// What was wrong, for people (v2+).
    public var errorMessage: String? = nil
    /// Results by topic.
    public var topics: [Topic] = []
    /// The nodes of the quorum (v2+).
    public var nodes: [Node] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(errorCode: ErrorCode = .none, errorMessage: String? = nil, topics: [Topic] = [], nodes: [Node] = []) {
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.topics = topics
        self.nodes = nodes
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.errorCode(&errorCode)
        if coder.version >= 2 { try coder.nullableString(&errorMessage) }
        try coder.array(&topics)
        if coder.version >= 2 { try coder.array(&nodes) }
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

    /// A partition with its quorum.
    public struct Partition: WireStructure, Sendable {
        /// Its number.
        public var index: Int32 = 0
        /// Whether it could be described.
        public var errorCode: ErrorCode = .none
        /// What was wrong, for people (v2+).
        public var errorMessage: String? = nil
        /// The node that leads.
        public var leaderID: Int32 = -1
        /// The leader's epoch.
        public var leaderEpoch: Int32 = -1
        /// The offset behind the last record that counts.
        public var highWatermark: Int64 = -1
        /// The nodes that vote.
        public var currentVoters: [Replica] = []
        /// The nodes that only follow.
        public var observers: [Replica] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            index: Int32 = 0, errorCode: ErrorCode = .none, errorMessage: String? = nil, leaderID: Int32 = -1,
            leaderEpoch: Int32 = -1, highWatermark: Int64 = -1, currentVoters: [Replica] = [], observers: [Replica] = []
        ) {
            self.index = index
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.leaderID = leaderID
            self.leaderEpoch = leaderEpoch
            self.highWatermark = highWatermark
            self.currentVoters = currentVoters
            self.observers = observers
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            try coder.errorCode(&errorCode)
            if coder.version >= 2 { try coder.nullableString(&errorMessage) }
            try coder.int32(&leaderID)
            try coder.int32(&leaderEpoch)
            try coder.int64(&highWatermark)
            try coder.array(&currentVoters)
            try coder.array(&observers)
            try coder.tags()
        }
    }

    /// How far one node is.
    public struct Replica: WireStructure, Sendable {
        /// The node.
        public var nodeID: Int32 = 0
        /// Its directory's id (v2+).
        public var directoryID: UUID = .zero
        /// The offset behind its last record.
        public var logEndOffset: Int64 = -1
        /// When it fetched last, ms since the epoch; -1 when not known (v1+).
        public var lastFetchMilliseconds: Int64 = -1
        /// When it had everything last, ms since the epoch; -1 when not known (v1+).
        public var lastCaughtUpMilliseconds: Int64 = -1

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            nodeID: Int32 = 0, directoryID: UUID = .zero, logEndOffset: Int64 = -1, lastFetchMilliseconds: Int64 = -1,
            lastCaughtUpMilliseconds: Int64 = -1
        ) {
            self.nodeID = nodeID
            self.directoryID = directoryID
            self.logEndOffset = logEndOffset
            self.lastFetchMilliseconds = lastFetchMilliseconds
            self.lastCaughtUpMilliseconds = lastCaughtUpMilliseconds
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&nodeID)
            if coder.version >= 2 { try coder.uuid(&directoryID) }
            try coder.int64(&logEndOffset)
            if coder.version >= 1 {
                try coder.int64(&lastFetchMilliseconds)
                try coder.int64(&lastCaughtUpMilliseconds)
            }
            try coder.tags()
        }
    }

    /// A node of the quorum.
    public struct Node: WireStructure, Sendable {
        /// Its number (v2+).
        public var nodeID: Int32 = 0
        /// Where it listens (v2+).
        public var listeners: [Listener] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(nodeID: Int32 = 0, listeners: [Listener] = []) {
            self.nodeID = nodeID
            self.listeners = listeners
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            if coder.version >= 2 {
                try coder.int32(&nodeID)
                try coder.array(&listeners)
            }
            try coder.tags()
        }
    }

    /// An address of a node.
    public struct Listener: WireStructure, Sendable {
        /// The listener's name (v2+).
        public var name: String = ""
        /// Its host (v2+).
        public var host: String = ""
        /// Its port (v2+).
        public var port: UInt16 = 0

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", host: String = "", port: UInt16 = 0) {
            self.name = name
            self.host = host
            self.port = port
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            if coder.version >= 2 {
                try coder.string(&name)
                try coder.string(&host)
                try coder.uint16(&port)
            }
            try coder.tags()
        }
    }
}
