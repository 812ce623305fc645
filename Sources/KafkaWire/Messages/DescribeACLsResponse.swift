/// The answer to DescribeAcls (API 29).
public struct DescribeACLsResponse: WireMessage, Sendable {
    public static var api: APIKey { .describeACLs }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Whether it worked.
    public var errorCode: ErrorCode = .none
    /// What was wrong, for people.
    public var errorMessage: String? = nil
    /// The rules by resource.
    public var resources: [Resource] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        throttleMilliseconds: Int32 = 0, errorCode: ErrorCode = .none, errorMessage: String? = nil,
        resources: [Resource] = []
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.resources = resources
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.errorCode(&errorCode)
        try coder.nullableString(&errorMessage)
        try coder.array(&resources)
        try coder.tags()
    }

    /// The rules of one resource.
    public struct Resource: WireStructure, Sendable {
        /// The kind of resource.
        public var type: Int8 = 0
        /// Its name or prefix.
        public var name: String = ""
        /// 3 for a name, 4 for a prefix (v1+).
        public var patternType: Int8 = 3
        /// The rules.
        public var rules: [Rule] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(type: Int8 = 0, name: String = "", patternType: Int8 = 3, rules: [Rule] = []) {
            self.type = type
            self.name = name
            self.patternType = patternType
            self.rules = rules
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int8(&type)
            try coder.string(&name)
            if coder.version >= 1 { try coder.int8(&patternType) }
            try coder.array(&rules)
            try coder.tags()
        }
    }

    /// An access rule.
    public struct Rule: WireStructure, Sendable {
        /// Whom it concerns.
        public var principal: String = ""
        /// The host that it concerns; `*` for any.
        public var host: String = ""
        /// What it concerns.
        public var operation: Int8 = 0
        /// 2 denies, 3 allows.
        public var permissionType: Int8 = 0

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(principal: String = "", host: String = "", operation: Int8 = 0, permissionType: Int8 = 0) {
            self.principal = principal
            self.host = host
            self.operation = operation
            self.permissionType = permissionType
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&principal)
            try coder.string(&host)
            try coder.int8(&operation)
            try coder.int8(&permissionType)
            try coder.tags()
        }
    }
}
