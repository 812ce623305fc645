/// The answer to DescribeProducers (API 61).
public struct DescribeProducersResponse: WireMessage, Sendable {
    public static var api: APIKey { .describeProducers }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// The topics.
    public var topics: [Topic] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(throttleMilliseconds: Int32 = 0, topics: [Topic] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.topics = topics
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
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

    /// The producers of one partition.
    public struct Partition: WireStructure, Sendable {
        /// The partition's number.
        public var index: Int32 = 0
        /// Whether it worked.
        public var errorCode: ErrorCode = .none
        /// What was wrong, for people.
        public var errorMessage: String? = nil
        /// The producers.
        public var producers: [Producer] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            index: Int32 = 0, errorCode: ErrorCode = .none, errorMessage: String? = nil, producers: [Producer] = []
        ) {
            self.index = index
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.producers = producers
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.array(&producers)
            try coder.tags()
        }
    }

    /// What a partition knows of one producer.
    public struct Producer: WireStructure, Sendable {
        /// The producer's id.
        public var id: Int64 = 0
        /// The producer's epoch.
        public var epoch: Int32 = 0
        /// The last sequence number; -1 for none.
        public var lastSequence: Int32 = -1
        /// When it was last heard of, ms since the epoch; -1 for never.
        public var lastTimestamp: Int64 = -1
        /// The epoch of the coordinator that wrote the last marker.
        public var coordinatorEpoch: Int32 = 0
        /// The first offset of its open transaction; -1 for none.
        public var transactionStartOffset: Int64 = -1

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            id: Int64 = 0, epoch: Int32 = 0, lastSequence: Int32 = -1, lastTimestamp: Int64 = -1,
            coordinatorEpoch: Int32 = 0, transactionStartOffset: Int64 = -1
        ) {
            self.id = id
            self.epoch = epoch
            self.lastSequence = lastSequence
            self.lastTimestamp = lastTimestamp
            self.coordinatorEpoch = coordinatorEpoch
            self.transactionStartOffset = transactionStartOffset
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int64(&id)
            try coder.int32(&epoch)
            try coder.int32(&lastSequence)
            try coder.int64(&lastTimestamp)
            try coder.int32(&coordinatorEpoch)
            try coder.int64(&transactionStartOffset)
            try coder.tags()
        }
    }
}
