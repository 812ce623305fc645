/// The answer to DescribeClientQuotas (API 48).
public struct DescribeClientQuotasResponse: WireMessage, Sendable {
    public static var api: APIKey { .describeClientQuotas }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Whether it worked.
    public var errorCode: ErrorCode = .none
    /// What was wrong, for people.
    public var errorMessage: String? = nil
    /// The quotas that were found.
    public var entries: [Entry]? = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        throttleMilliseconds: Int32 = 0, errorCode: ErrorCode = .none, errorMessage: String? = nil,
        entries: [Entry]? = []
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.entries = entries
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.errorCode(&errorCode)
        try coder.nullableString(&errorMessage)
        try coder.nullableArray(&entries)
        try coder.tags()
    }

    /// The quotas of one entity.
    public struct Entry: WireStructure, Sendable {
        /// Whose quotas they are.
        public var entity: [Part] = []
        /// The quotas.
        public var values: [Value] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(entity: [Part] = [], values: [Value] = []) {
            self.entity = entity
            self.values = values
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.array(&entity)
            try coder.array(&values)
            try coder.tags()
        }
    }

    /// One part of an entity.
    public struct Part: WireStructure, Sendable {
        /// `user`, `client-id` or `ip`.
        public var type: String = ""
        /// Its name; nil for the default.
        public var name: String? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(type: String = "", name: String? = nil) {
            self.type = type
            self.name = name
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&type)
            try coder.nullableString(&name)
            try coder.tags()
        }
    }

    /// A quota.
    public struct Value: WireStructure, Sendable {
        /// Its name, such as `producer_byte_rate`.
        public var key: String = ""
        /// Its value.
        public var value: Double = 0

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(key: String = "", value: Double = 0) {
            self.key = key
            self.value = value
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&key)
            try coder.float64(&value)
            try coder.tags()
        }
    }
}
