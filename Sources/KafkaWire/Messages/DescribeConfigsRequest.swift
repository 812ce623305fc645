/// DescribeConfigs (API 32): settings of topics and brokers.
public struct DescribeConfigsRequest: WireMessage, Sendable {
    public static var api: APIKey { .describeConfigs }

    /// What to describe.
    public var resources: [Resource] = []
    /// Whether to tell where a value could come from (v1+).
    public var includeSynonyms: Bool = false
    /// Whether to explain each setting (v3+).
    public var includeDocumentation: Bool = false

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(resources: [Resource] = [], includeSynonyms: Bool = false, includeDocumentation: Bool = false) {
        self.resources = resources
        self.includeSynonyms = includeSynonyms
        self.includeDocumentation = includeDocumentation
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.array(&resources)
        if coder.version >= 1 { try coder.bool(&includeSynonyms) }
        if coder.version >= 3 { try coder.bool(&includeDocumentation) }
        try coder.tags()
    }

    /// A topic or a broker.
    public struct Resource: WireStructure, Sendable {
        /// 2 for a topic, 4 for a broker.
        public var type: Int8 = 2
        /// The topic's name or the broker's number; empty for the defaults of all brokers.
        public var name: String = ""
        /// The settings; nil for all.
        public var keys: [String]? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(type: Int8 = 2, name: String = "", keys: [String]? = nil) {
            self.type = type
            self.name = name
            self.keys = keys
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int8(&type)
            try coder.string(&name)
            try coder.nullableStrings(&keys)
            try coder.tags()
        }
    }
}
