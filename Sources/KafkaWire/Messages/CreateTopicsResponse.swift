import Bytes

/// The answer to CreateTopics (API 19).
public struct CreateTopicsResponse: WireMessage, Sendable {
    public static var api: APIKey { .createTopics }

    /// How long the client should hold back, ms (v2+).
    public var throttleMilliseconds: Int32 = 0
    /// Results by topic.
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
        if coder.version >= 2 { try coder.int32(&throttleMilliseconds) }
        try coder.array(&topics)
        try coder.tags()
    }

    /// What became of one topic.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name.
        public var name: String = ""
        /// The topic's id (v7+).
        public var id: UUID = .zero
        /// Whether it worked.
        public var errorCode: ErrorCode = .none
        /// What was wrong, for people (v1+).
        public var errorMessage: String? = nil
        /// How many partitions it has (v5+).
        public var partitionCount: Int32 = -1
        /// How many copies it has (v5+).
        public var replicationFactor: Int16 = -1
        /// Its settings; nil when the client may not see them (v5+).
        public var configs: [Config]? = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            name: String = "", id: UUID = .zero, errorCode: ErrorCode = .none, errorMessage: String? = nil,
            partitionCount: Int32 = -1, replicationFactor: Int16 = -1, configs: [Config]? = []
        ) {
            self.name = name
            self.id = id
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.partitionCount = partitionCount
            self.replicationFactor = replicationFactor
            self.configs = configs
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            if coder.version >= 7 { try coder.uuid(&id) }
            try coder.errorCode(&errorCode)
            if coder.version >= 1 { try coder.nullableString(&errorMessage) }
            if coder.version >= 5 {
                try coder.int32(&partitionCount)
                try coder.int16(&replicationFactor)
                try coder.nullableArray(&configs)
            }
            try coder.tags()
        }
    }

    /// A setting of the new topic.
    public struct Config: WireStructure, Sendable {
        /// Its name.
        public var name: String = ""
        /// Its value.
        public var value: String? = nil
        /// Whether it cannot be changed.
        public var isReadOnly: Bool = false
        /// Where the value comes from.
        public var source: ConfigSource = .defaultConfig
        /// Whether the value is kept secret.
        public var isSensitive: Bool = false

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            name: String = "", value: String? = nil, isReadOnly: Bool = false, source: ConfigSource = .defaultConfig,
            isSensitive: Bool = false
        ) {
            self.name = name
            self.value = value
            self.isReadOnly = isReadOnly
            self.source = source
            self.isSensitive = isSensitive
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.nullableString(&value)
            try coder.bool(&isReadOnly)
            try source.code(&coder)
            try coder.bool(&isSensitive)
            try coder.tags()
        }
    }
}
