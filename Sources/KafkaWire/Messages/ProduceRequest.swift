import Bytes

/// Produce (API 0): record batches to append. The record sets are views into the frame.
public struct ProduceRequest: WireMessage {
    public static var api: APIKey { .produce }

    /// The transactional id of the producer; nil outside transactions (v3+).
    public var transactionalID: String? = nil
    /// When to answer: 0 never, 1 after the write, -1 when it is durable.
    public var acks: Int16 = -1
    /// How long the producer waits for the answer, ms.
    public var timeoutMilliseconds: Int32 = 30000
    /// What to append, by topic.
    public var topics: [Topic] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        transactionalID: String? = nil, acks: Int16 = -1, timeoutMilliseconds: Int32 = 30000, topics: [Topic] = []
    ) {
        self.transactionalID = transactionalID
        self.acks = acks
        self.timeoutMilliseconds = timeoutMilliseconds
        self.topics = topics
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 3 { try coder.nullableString(&transactionalID) }
        try coder.int16(&acks)
        try coder.int32(&timeoutMilliseconds)
        try coder.array(&topics)
        try coder.tags()
    }

    /// A topic with its partitions.
    public struct Topic: WireStructure {
        /// The topic's name (before v13).
        public var name: String = ""
        /// The topic's id (v13+).
        public var id: UUID = .zero
        /// What to append to each partition.
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

    /// A partition with its batches.
    public struct Partition: WireStructure {
        /// The partition's number.
        public var index: Int32 = 0
        /// The batches; from Produce 3 on exactly one.
        public var records: WireRecords = .null

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(index: Int32 = 0, records: WireRecords = .null) {
            self.index = index
            self.records = records
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            try coder.records(&records)
            try coder.tags()
        }
    }
}
