/// CreateAcls (API 30): adds access rules. Numbers are those of Kafka's `AclBinding` classes.
public struct CreateACLsRequest: WireMessage, Sendable {
    public static var api: APIKey { .createACLs }

    /// The rules.
    public var creations: [Creation] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(creations: [Creation] = []) {
        self.creations = creations
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.array(&creations)
        try coder.tags()
    }

    /// A rule to add.
    public struct Creation: WireStructure, Sendable {
        /// The kind of resource.
        public var resourceType: Int8 = 0
        /// Its name or prefix.
        public var resourceName: String = ""
        /// 3 for a name, 4 for a prefix (v1+).
        public var patternType: Int8 = 3
        /// Whom it concerns, such as `User:anna`.
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
        public init(
            resourceType: Int8 = 0, resourceName: String = "", patternType: Int8 = 3, principal: String = "",
            host: String = "", operation: Int8 = 0, permissionType: Int8 = 0
        ) {
            self.resourceType = resourceType
            self.resourceName = resourceName
            self.patternType = patternType
            self.principal = principal
            self.host = host
            self.operation = operation
            self.permissionType = permissionType
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int8(&resourceType)
            try coder.string(&resourceName)
            if coder.version >= 1 { try coder.int8(&patternType) }
            try coder.string(&principal)
            try coder.string(&host)
            try coder.int8(&operation)
            try coder.int8(&permissionType)
            try coder.tags()
        }
    }
}
