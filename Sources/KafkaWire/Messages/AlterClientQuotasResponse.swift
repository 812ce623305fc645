/// The answer to AlterClientQuotas (API 49).
public struct AlterClientQuotasResponse: WireMessage, Sendable {
    public static var api: APIKey { .alterClientQuotas }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Results by entity.
    public var entries: [Entry] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(throttleMilliseconds: Int32 = 0, entries: [Entry] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.entries = entries
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.array(&entries)
        try coder.tags()
    }

    /// What became of one entity.
    public struct Entry: WireStructure, Sendable {
        /// Whether it worked.
        public var errorCode: ErrorCode = .none
        /// What was wrong, for people.
        public var errorMessage: String? = nil
        /// Whose quotas they are.
        public var entity: [Part] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(errorCode: ErrorCode = .none, errorMessage: String? = nil, entity: [Part] = []) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.entity = entity
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.array(&entity)
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
}
