/// The answer to DescribeConfigs (API 32).
public struct DescribeConfigsResponse: WireMessage, Sendable {
    public static var api: APIKey { .describeConfigs }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Results by resource.
    public var results: [Result] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(throttleMilliseconds: Int32 = 0, results: [Result] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.results = results
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.array(&results)
        try coder.tags()
    }

    /// The settings of one topic or broker.
    public struct Result: WireStructure, Sendable {
        /// Whether it worked.
        public var errorCode: ErrorCode = .none
        /// What was wrong, for people.
        public var errorMessage: String? = nil
        /// 2 for a topic, 4 for a broker.
        public var type: Int8 = 2
        /// The topic's name or the broker's number.
        public var name: String = ""
        /// The settings.
        public var configs: [Config] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            errorCode: ErrorCode = .none, errorMessage: String? = nil, type: Int8 = 2, name: String = "",
            configs: [Config] = []
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.type = type
            self.name = name
            self.configs = configs
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.int8(&type)
            try coder.string(&name)
            try coder.array(&configs)
            try coder.tags()
        }
    }

    /// A setting.
    public struct Config: WireStructure, Sendable {
        /// Its name.
        public var name: String = ""
        /// Its value; nil when it is secret.
        public var value: String? = nil
        /// Whether it cannot be changed.
        public var isReadOnly: Bool = false
        /// Where the value comes from; version 0 tells only whether it is the default.
        public var source: ConfigSource = .defaultConfig
        /// Whether the value is kept secret.
        public var isSensitive: Bool = false
        /// Where the value could come from, the one in force first (v1+).
        public var synonyms: [Synonym] = []
        /// The value's type (v3+).
        public var type: ConfigType = .unknown
        /// What it does (v3+).
        public var documentation: String? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            name: String = "", value: String? = nil, isReadOnly: Bool = false, source: ConfigSource = .defaultConfig,
            isSensitive: Bool = false, synonyms: [Synonym] = [], type: ConfigType = .unknown,
            documentation: String? = nil
        ) {
            self.name = name
            self.value = value
            self.isReadOnly = isReadOnly
            self.source = source
            self.isSensitive = isSensitive
            self.synonyms = synonyms
            self.type = type
            self.documentation = documentation
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.nullableString(&value)
            try coder.bool(&isReadOnly)
            if coder.version >= 1 {
                try source.code(&coder)
            } else {
                var isDefault = source == .defaultConfig
                try coder.bool(&isDefault)
                source = isDefault ? .defaultConfig : .dynamicTopicConfig
            }
            try coder.bool(&isSensitive)
            if coder.version >= 1 { try coder.array(&synonyms) }
            if coder.version >= 3 {
                try type.code(&coder)
                try coder.nullableString(&documentation)
            }
            try coder.tags()
        }
    }

    /// A place where the value could come from.
    public struct Synonym: WireStructure, Sendable {
        /// The name of the setting there.
        public var name: String = ""
        /// The value there.
        public var value: String? = nil
        /// The place.
        public var source: ConfigSource = .defaultConfig

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", value: String? = nil, source: ConfigSource = .defaultConfig) {
            self.name = name
            self.value = value
            self.source = source
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.nullableString(&value)
            try source.code(&coder)
            try coder.tags()
        }
    }
}
