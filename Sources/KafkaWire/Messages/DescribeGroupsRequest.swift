/// DescribeGroups (API 15): state and members of classic groups.
public struct DescribeGroupsRequest: WireMessage, Sendable {
    public static var api: APIKey { .describeGroups }

    /// The groups.
    public var groups: [String] = []
    /// Whether the answer shall tell what the client may do (v3+).
    public var includesAuthorizedOperations: Bool = false

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(groups: [String] = [], includesAuthorizedOperations: Bool = false) {
        self.groups = groups
        self.includesAuthorizedOperations = includesAuthorizedOperations
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.strings(&groups)
        if coder.version >= 3 { try coder.bool(&includesAuthorizedOperations) }
        try coder.tags()
    }
}
