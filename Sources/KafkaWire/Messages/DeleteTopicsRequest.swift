import Bytes

/// DeleteTopics (API 20).
public struct DeleteTopicsRequest: WireMessage, Sendable {
    public static var api: APIKey { .deleteTopics }

    /// What to delete.
    public var topics: [Topic] = []
    /// How long to wait for the deletion, ms.
    public var timeoutMilliseconds: Int32 = 60000

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(topics: [Topic] = [], timeoutMilliseconds: Int32 = 60000) {
        self.topics = topics
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 6 {
            try coder.array(&topics)
        } else {
            var names = topics.map { $0.name ?? "" }
            try coder.strings(&names)
            topics = names.map { Topic(name: $0) }
        }
        try coder.int32(&timeoutMilliseconds)
        try coder.tags()
    }

    /// A topic by name, or by id where the name is nil (v6+).
    public struct Topic: WireStructure, Sendable {
        /// The topic's name.
        public var name: String? = nil
        /// The topic's id; zero when it is given by name.
        public var id: UUID = .zero

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String? = nil, id: UUID = .zero) {
            self.name = name
            self.id = id
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.nullableString(&name)
            try coder.uuid(&id)
            try coder.tags()
        }
    }
}
