/// ConsumerGroupDescribe (API 69, KIP-848): members and partitions of groups that the broker assigns.
public struct ConsumerGroupDescribeRequest: WireMessage, Sendable {
    public static var api: APIKey { .consumerGroupDescribe }

    /// The groups.
    public var groupIDs: [String] = []
    /// Whether to tell what the client may do to each group.
    public var includeAuthorizedOperations: Bool = false

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(groupIDs: [String] = [], includeAuthorizedOperations: Bool = false) {
        self.groupIDs = groupIDs
        self.includeAuthorizedOperations = includeAuthorizedOperations
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.strings(&groupIDs)
        try coder.bool(&includeAuthorizedOperations)
        try coder.tags()
    }
}
