/// ListGroups (API 16): names and states of groups.
public struct ListGroupsRequest: WireMessage, Sendable {
    public static var api: APIKey { .listGroups }

    /// Only groups in these states; empty for all (v4+).
    public var states: [String] = []
    /// Only groups of these types; empty for all (v5+).
    public var types: [String] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(states: [String] = [], types: [String] = []) {
        self.states = states
        self.types = types
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 4 { try coder.strings(&states) }
        if coder.version >= 5 { try coder.strings(&types) }
        try coder.tags()
    }
}
