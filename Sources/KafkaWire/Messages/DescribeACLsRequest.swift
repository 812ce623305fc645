/// DescribeAcls (API 29): which access rules there are. Numbers are those of Kafka's `AclBinding` classes.
public struct DescribeACLsRequest: WireMessage, Sendable {
    public static var api: APIKey { .describeACLs }

    /// The kind of resource; 1 for any.
    public var resourceType: Int8 = 0
    /// The resource's name; nil for any.
    public var resourceName: String? = nil
    /// How rules name resources: 1 any, 2 all that apply to the name, 3 literally, 4 by prefix (v1+).
    public var patternType: Int8 = 3
    /// Whom the rules concern; nil for anybody.
    public var principal: String? = nil
    /// The host that the rules concern; nil for any.
    public var host: String? = nil
    /// What the rules concern; 1 for anything.
    public var operation: Int8 = 0
    /// 1 any, 2 deny, 3 allow.
    public var permissionType: Int8 = 0

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        resourceType: Int8 = 0, resourceName: String? = nil, patternType: Int8 = 3, principal: String? = nil,
        host: String? = nil, operation: Int8 = 0, permissionType: Int8 = 0
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
        try coder.nullableString(&resourceName)
        if coder.version >= 1 { try coder.int8(&patternType) }
        try coder.nullableString(&principal)
        try coder.nullableString(&host)
        try coder.int8(&operation)
        try coder.int8(&permissionType)
        try coder.tags()
    }
}
