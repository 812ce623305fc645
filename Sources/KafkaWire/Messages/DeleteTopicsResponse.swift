import Bytes

/// The answer to DeleteTopics (API 20).
public struct DeleteTopicsResponse: WireMessage, Sendable {
    public static var api: APIKey { .deleteTopics }

    /// How long the client should hold back, ms (v1+).
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
        if coder.version >= 1 { try coder.int32(&throttleMilliseconds) }
        try coder.array(&topics)
        try coder.tags()
    }

    /// What became of one topic.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name; nil only from v6 on, when an id is not known.
        public var name: String? = nil
        /// The topic's id (v6+).
        public var id: UUID = .zero
        /// Whether it worked.
        public var errorCode: ErrorCode = .none
        /// What was wrong, for people (v5+).
        public var errorMessage: String? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String? = nil, id: UUID = .zero, errorCode: ErrorCode = .none, errorMessage: String? = nil) {
            self.name = name
            self.id = id
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            if coder.version >= 6 {
                try coder.nullableString(&name)
                try coder.uuid(&id)
            } else {
                var required = name ?? ""
                try coder.string(&required)
                name = required
            }
            try coder.errorCode(&errorCode)
            if coder.version >= 5 { try coder.nullableString(&errorMessage) }
            try coder.tags()
        }
    }
}
