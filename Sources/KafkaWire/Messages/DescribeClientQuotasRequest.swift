/// DescribeClientQuotas (API 48, KIP-546): the quotas of clients.
public struct DescribeClientQuotasRequest: WireMessage, Sendable {
    public static var api: APIKey { .describeClientQuotas }

    /// What to look for; none finds all quotas.
    public var components: [Component] = []
    /// Whether quotas that name more than the components are left out.
    public var isStrict: Bool = false

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(components: [Component] = [], isStrict: Bool = false) {
        self.components = components
        self.isStrict = isStrict
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.array(&components)
        try coder.bool(&isStrict)
        try coder.tags()
    }

    /// One part of what is looked for.
    public struct Component: WireStructure, Sendable {
        /// `user`, `client-id` or `ip`.
        public var entityType: String = ""
        /// 0 the name in `match`, 1 the default, 2 any name.
        public var matchType: Int8 = 0
        /// The name.
        public var match: String? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(entityType: String = "", matchType: Int8 = 0, match: String? = nil) {
            self.entityType = entityType
            self.matchType = matchType
            self.match = match
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&entityType)
            try coder.int8(&matchType)
            try coder.nullableString(&match)
            try coder.tags()
        }
    }
}
