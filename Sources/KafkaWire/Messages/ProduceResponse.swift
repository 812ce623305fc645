import Bytes

/// The answer to Produce (API 0).
public struct ProduceResponse: WireMessage, Sendable {
    public static var api: APIKey { .produce }

    /// Results by topic.
    public var topics: [Topic] = []
    /// How long the client should hold back, ms (v1+).
    public var throttleMilliseconds: Int32 = 0

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(topics: [Topic] = [], throttleMilliseconds: Int32 = 0) {
        self.topics = topics
        self.throttleMilliseconds = throttleMilliseconds
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.array(&topics)
        if coder.version >= 1 { try coder.int32(&throttleMilliseconds) }
        try coder.tags()
    }

    /// A topic with the results of its partitions.
    public struct Topic: WireStructure, Sendable {
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

    /// What became of one partition's batch.
    public struct Partition: WireStructure, Sendable {
        /// The partition's number.
        public var index: Int32 = 0
        /// Whether the batch was appended.
        public var errorCode: ErrorCode = .none
        /// The offset of the batch's first record; -1 on errors.
        public var baseOffset: Int64 = -1
        /// The broker's timestamp, ms, on topics with LogAppendTime; -1 on others (v2+).
        public var logAppendTimeMilliseconds: Int64 = -1
        /// The first offset of the partition (v5+).
        public var logStartOffset: Int64 = -1
        /// The records that were refused (v8+, KIP-467).
        public var recordErrors: [RecordError] = []
        /// What was wrong, for people (v8+).
        public var errorMessage: String? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            index: Int32 = 0, errorCode: ErrorCode = .none, baseOffset: Int64 = -1,
            logAppendTimeMilliseconds: Int64 = -1, logStartOffset: Int64 = -1, recordErrors: [RecordError] = [],
            errorMessage: String? = nil
        ) {
            self.index = index
            self.errorCode = errorCode
            self.baseOffset = baseOffset
            self.logAppendTimeMilliseconds = logAppendTimeMilliseconds
            self.logStartOffset = logStartOffset
            self.recordErrors = recordErrors
            self.errorMessage = errorMessage
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            try coder.errorCode(&errorCode)
            try coder.int64(&baseOffset)
            if coder.version >= 2 { try coder.int64(&logAppendTimeMilliseconds) }
            if coder.version >= 5 { try coder.int64(&logStartOffset) }
            if coder.version >= 8 {
                try coder.array(&recordErrors)
                try coder.nullableString(&errorMessage)
            }
            try coder.tags()
        }
    }

    /// A record that was refused.
    public struct RecordError: WireStructure, Sendable {
        /// The record's place in the batch, from 0.
        public var batchIndex: Int32 = 0
        /// What was wrong with it, for people.
        public var message: String? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(batchIndex: Int32 = 0, message: String? = nil) {
            self.batchIndex = batchIndex
            self.message = message
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&batchIndex)
            try coder.nullableString(&message)
            try coder.tags()
        }
    }
}
