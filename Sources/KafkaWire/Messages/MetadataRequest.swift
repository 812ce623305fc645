import Bytes

/// Metadata (API 3): which topics, partitions and brokers there are.
public struct MetadataRequest: WireMessage, Sendable {
    public static var api: APIKey { .metadata }

    /// The topics to describe; nil for all. In version 0 an empty list means all and is read as nil.
    public var topics: [Topic]? = nil
    /// Whether topics that are missing may be created (v4+; earlier versions always allow it).
    public var allowAutoTopicCreation: Bool = true
    /// Whether to tell what the client may do to the cluster (v8-10).
    public var includeClusterAuthorizedOperations: Bool = false
    /// Whether to tell what the client may do to the topics (v8+).
    public var includeTopicAuthorizedOperations: Bool = false

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        topics: [Topic]? = nil, allowAutoTopicCreation: Bool = true, includeClusterAuthorizedOperations: Bool = false,
        includeTopicAuthorizedOperations: Bool = false
    ) {
        self.topics = topics
        self.allowAutoTopicCreation = allowAutoTopicCreation
        self.includeClusterAuthorizedOperations = includeClusterAuthorizedOperations
        self.includeTopicAuthorizedOperations = includeTopicAuthorizedOperations
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 1 {
            try coder.nullableArray(&topics)
        } else {
            var listed = topics ?? []
            try coder.array(&listed)
            topics = listed.isEmpty ? nil : listed
        }
        if coder.version >= 4 { try coder.bool(&allowAutoTopicCreation) }
        if coder.version >= 8 && coder.version <= 10 { try coder.bool(&includeClusterAuthorizedOperations) }
        if coder.version >= 8 { try coder.bool(&includeTopicAuthorizedOperations) }
        try coder.tags()
    }

    /// A topic by name, or by id where the name is nil.
    public struct Topic: WireStructure, Sendable, Hashable {
        /// The topic's id; zero when it is asked for by name (v10+).
        public var id: UUID = .zero
        /// The topic's name; nil only from v10 on.
        public var name: String? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(id: UUID = .zero, name: String? = nil) {
            self.id = id
            self.name = name
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            if coder.version >= 10 {
                try coder.uuid(&id)
                try coder.nullableString(&name)
            } else {
                var required = name ?? ""
                try coder.string(&required)
                name = required
            }
            try coder.tags()
        }
    }
}
