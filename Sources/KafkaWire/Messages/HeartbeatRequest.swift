/// Heartbeat (API 12): a member is still there.
public struct HeartbeatRequest: WireMessage, Sendable {
    public static var api: APIKey { .heartbeat }

    /// The group.
    public var groupID: String = ""
    /// The generation that the member is in.
    public var generation: Int32 = 0
    /// The member.
    public var memberID: String = ""
    /// The static member id (v3+).
    public var groupInstanceID: String? = nil

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(groupID: String = "", generation: Int32 = 0, memberID: String = "", groupInstanceID: String? = nil) {
        self.groupID = groupID
        self.generation = generation
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.string(&groupID)
        try coder.int32(&generation)
        try coder.string(&memberID)
        if coder.version >= 3 { try coder.nullableString(&groupInstanceID) }
        try coder.tags()
    }
}
