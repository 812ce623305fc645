/// DescribeCluster (API 60): the brokers and the controller.
public struct DescribeClusterRequest: WireMessage, Sendable {
    public static var api: APIKey { .describeCluster }

    /// Whether to tell what the client may do with the cluster.
    public var includeClusterAuthorizedOperations: Bool = false
    /// 1 asks for brokers, 2 for controllers (v1+).
    public var endpointType: Int8 = 1
    /// Whether to name brokers that are shut out (v2+).
    public var includesFencedBrokers: Bool = false

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        includeClusterAuthorizedOperations: Bool = false, endpointType: Int8 = 1, includesFencedBrokers: Bool = false
    ) {
        self.includeClusterAuthorizedOperations = includeClusterAuthorizedOperations
        self.endpointType = endpointType
        self.includesFencedBrokers = includesFencedBrokers
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.bool(&includeClusterAuthorizedOperations)
        if coder.version >= 1 { try coder.int8(&endpointType) }
        if coder.version >= 2 { try coder.bool(&includesFencedBrokers) }
        try coder.tags()
    }
}
