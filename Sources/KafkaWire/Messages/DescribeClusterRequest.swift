/// DescribeCluster (API 60).
public struct DescribeClusterRequest: WireMessage, Sendable {
    public static var api: APIKey { .describeCluster }

    /// Whether to tell what the client may do to the cluster.
    public var includeClusterAuthorizedOperations: Bool = false

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(includeClusterAuthorizedOperations: Bool = false) {
        self.includeClusterAuthorizedOperations = includeClusterAuthorizedOperations
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.bool(&includeClusterAuthorizedOperations)
        try coder.tags()
    }
}
