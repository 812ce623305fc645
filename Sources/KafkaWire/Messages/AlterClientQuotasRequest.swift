/// AlterClientQuotas (API 49, KIP-546): changes the quotas of clients.
public struct AlterClientQuotasRequest: WireMessage, Sendable {
    public static var api: APIKey { .alterClientQuotas }

    /// The changes.
    public var entries: [Entry] = []
    /// Whether to check only, and change nothing.
    public var validateOnly: Bool = false

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(entries: [Entry] = [], validateOnly: Bool = false) {
        self.entries = entries
        self.validateOnly = validateOnly
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.array(&entries)
        try coder.bool(&validateOnly)
        try coder.tags()
    }

    /// The changes of one entity.
    public struct Entry: WireStructure, Sendable {
        /// Whose quotas they are.
        public var entity: [Part] = []
        /// What to change.
        public var operations: [Operation] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(entity: [Part] = [], operations: [Operation] = []) {
            self.entity = entity
            self.operations = operations
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.array(&entity)
            try coder.array(&operations)
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

    /// A change of one quota.
    public struct Operation: WireStructure, Sendable {
        /// The quota's name, such as `producer_byte_rate`.
        public var key: String = ""
        /// Its new value.
        public var value: Double = 0
        /// Whether the quota is removed instead.
        public var isRemoval: Bool = false

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(key: String = "", value: Double = 0, isRemoval: Bool = false) {
            self.key = key
            self.value = value
            self.isRemoval = isRemoval
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&key)
            try coder.float64(&value)
            try coder.bool(&isRemoval)
            try coder.tags()
        }
    }
}
