/// DeleteGroups (API 42): forgets empty groups and what they have committed.
public struct DeleteGroupsRequest: WireMessage, Sendable {
    public static var api: APIKey { .deleteGroups }

    /// The groups.
    public var groups: [String] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(groups: [String] = []) {
        self.groups = groups
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.strings(&groups)
        try coder.tags()
    }
}
