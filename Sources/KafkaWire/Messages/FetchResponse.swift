import Bytes

/// The answer to Fetch (API 1). Record sets given as `.external` are not written: `encodeMarkingRecords` tells where
/// the sender
/// inserts them, in the order of the partitions, leaving out empty ones.
public struct FetchResponse: WireMessage {
    public static var api: APIKey { .fetch }

    /// How long the client should hold back, ms (v1+).
    public var throttleMilliseconds: Int32 = 0
    /// An error of the whole request, such as an unknown session (v7+).
    public var errorCode: ErrorCode = .none
    /// The fetch session; 0 for none (v7+).
    public var sessionID: Int32 = 0
    /// Results by topic.
    public var topics: [Topic] = []
    /// Where the leaders are that partitions name, when the client knows an old one (v16+, tagged, KIP-951).
    public var nodeEndpoints: [NodeEndpoint] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        throttleMilliseconds: Int32 = 0, errorCode: ErrorCode = .none, sessionID: Int32 = 0, topics: [Topic] = [],
        nodeEndpoints: [NodeEndpoint] = []
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.sessionID = sessionID
        self.topics = topics
        self.nodeEndpoints = nodeEndpoints
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 1 { try coder.int32(&throttleMilliseconds) }
        if coder.version >= 7 {
            try coder.errorCode(&errorCode)
            try coder.int32(&sessionID)
        }
        try coder.array(&topics)
        try coder.tags(&self)
    }

    /// A topic with its partitions.
    public struct Topic: WireStructure {
        /// The topic's name (before v13).
        public var name: String = ""
        /// The topic's id (v13+).
        public var id: UUID = .zero
        /// Results by partition.
        public var partitions: [Partition] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", id: UUID = .zero, partitions: [Partition] = []) {
            self.name = name
            self.id = id
            self.partitions = partitions
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            if coder.version >= 13 { try coder.uuid(&id) } else { try coder.string(&name) }
            try coder.array(&partitions)
            try coder.tags()
        }
    }

    /// What was read of one partition.
    public struct Partition: WireStructure {
        /// The partition's number.
        public var index: Int32 = 0
        /// Whether it could be read.
        public var errorCode: ErrorCode = .none
        /// The offset behind the last record that may be read; -1 on errors.
        public var highWatermark: Int64 = -1
        /// The offset behind the last record that belongs to no open transaction (v4+).
        public var lastStableOffset: Int64 = -1
        /// The first offset of the partition (v5+).
        public var logStartOffset: Int64 = -1
        /// Aborted transactions among the records, for readers of committed records; nil for others (v4+).
        public var abortedTransactions: [AbortedTransaction]? = nil
        /// A better replica to read from; -1 for none (v11+).
        public var preferredReadReplica: Int32 = -1
        /// The batches. An empty set is `.external(byteCount: 0)`, since old clients do not expect null.
        public var records: WireRecords = .external(byteCount: 0)
        /// Where the log that the client follows departs from this one, if it does (v12+, tagged).
        public var divergingEpoch: EpochEnd = EpochEnd()
        /// The leader, when the client knows an old one (v12+, tagged).
        public var currentLeader: Leader = Leader()

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            index: Int32 = 0, errorCode: ErrorCode = .none, highWatermark: Int64 = -1, lastStableOffset: Int64 = -1,
            logStartOffset: Int64 = -1, abortedTransactions: [AbortedTransaction]? = nil,
            preferredReadReplica: Int32 = -1, records: WireRecords = .external(byteCount: 0)
        ) {
            self.index = index
            self.errorCode = errorCode
            self.highWatermark = highWatermark
            self.lastStableOffset = lastStableOffset
            self.logStartOffset = logStartOffset
            self.abortedTransactions = abortedTransactions
            self.preferredReadReplica = preferredReadReplica
            self.records = records
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            try coder.errorCode(&errorCode)
            try coder.int64(&highWatermark)
            if coder.version >= 4 { try coder.int64(&lastStableOffset) }
            if coder.version >= 5 { try coder.int64(&logStartOffset) }
            if coder.version >= 4 { try coder.nullableArray(&abortedTransactions) }
            if coder.version >= 11 { try coder.int32(&preferredReadReplica) }
            try coder.records(&records)
            try coder.tags(&self)
        }
    }

    /// A transaction whose records a reader of committed records must skip.
    public struct AbortedTransaction: WireStructure, Sendable {
        /// The producer.
        public var producerID: Int64 = 0
        /// The offset of its first record.
        public var firstOffset: Int64 = 0

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(producerID: Int64 = 0, firstOffset: Int64 = 0) {
            self.producerID = producerID
            self.firstOffset = firstOffset
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int64(&producerID)
            try coder.int64(&firstOffset)
            try coder.tags()
        }
    }
}

extension FetchResponse: WireTagged {
    @inlinable
    public static func knownTags(version: Int16) -> UInt32 { version >= 16 ? 0b1 : 0 }

    @inlinable
    public var presentTags: UInt32 { nodeEndpoints.isEmpty ? 0 : 0b1 }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(tag: UInt32, _ coder: inout C) throws(C.Failure) {
        try coder.array(&nodeEndpoints)
    }

    /// Where a broker is.
    public struct NodeEndpoint: WireStructure, Sendable, Equatable {
        /// Its number.
        public var nodeID: Int32 = 0
        /// The host to dial.
        public var host: String = ""
        /// The port to dial.
        public var port: Int32 = 0
        /// Its rack.
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
            try coder.nullableString(&rack)
            try coder.tags()
        }
    }
}

extension FetchResponse.Partition: WireTagged {
    @inlinable
    public static func knownTags(version: Int16) -> UInt32 { 0b11 }

    @inlinable
    public var presentTags: UInt32 {
        (divergingEpoch == FetchResponse.EpochEnd() ? 0 : 0b1) | (currentLeader == FetchResponse.Leader() ? 0 : 0b10)
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(tag: UInt32, _ coder: inout C) throws(C.Failure) {
        if tag == 0 { try divergingEpoch.code(&coder) } else { try currentLeader.code(&coder) }
    }
}

extension FetchResponse {
    /// The end of an epoch.
    public struct EpochEnd: WireStructure, Sendable, Equatable {
        /// The epoch; -1 for none.
        public var epoch: Int32 = -1
        /// The offset behind its last record; -1 for none.
        public var endOffset: Int64 = -1

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(epoch: Int32, endOffset: Int64) {
            self.epoch = epoch
            self.endOffset = endOffset
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&epoch)
            try coder.int64(&endOffset)
            try coder.tags()
        }
    }

    /// Who leads a partition.
    public struct Leader: WireStructure, Sendable, Equatable {
        /// The broker; -1 for none.
        public var id: Int32 = -1
        /// Its epoch; -1 for none.
        public var epoch: Int32 = -1

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(id: Int32, epoch: Int32) {
            self.id = id
            self.epoch = epoch
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&id)
            try coder.int32(&epoch)
            try coder.tags()
        }
    }
}
