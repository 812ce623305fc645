/// JoinGroup (API 11): a member wants to be part of a group's next generation. The answer comes when every member has
/// joined, or the group has waited long enough.
public struct JoinGroupRequest: WireMessage, Sendable {
    public static var api: APIKey { .joinGroup }

    /// The group.
    public var groupID: String = ""
    /// The member is taken for dead when nothing is heard of it for so long, ms.
    public var sessionTimeoutMilliseconds: Int32 = 0
    /// How long the group waits for the member to join again, ms; -1 for the session timeout (v1+).
    public var rebalanceTimeoutMilliseconds: Int32 = -1
    /// The member's id; empty for one that has none yet.
    public var memberID: String = ""
    /// The static member id (v5+).
    public var groupInstanceID: String? = nil
    /// What the group is for, such as `consumer`.
    public var protocolType: String = ""
    /// What the member can speak, the one that it likes most first.
    public var protocols: [MemberProtocol] = []
    /// Why it joins, for people (v8+).
    public var reason: String? = nil

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        groupID: String = "", sessionTimeoutMilliseconds: Int32 = 0, rebalanceTimeoutMilliseconds: Int32 = -1,
        memberID: String = "", groupInstanceID: String? = nil, protocolType: String = "",
        protocols: [MemberProtocol] = [], reason: String? = nil
    ) {
        self.groupID = groupID
        self.sessionTimeoutMilliseconds = sessionTimeoutMilliseconds
        self.rebalanceTimeoutMilliseconds = rebalanceTimeoutMilliseconds
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
        self.protocolType = protocolType
        self.protocols = protocols
        self.reason = reason
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.string(&groupID)
        try coder.int32(&sessionTimeoutMilliseconds)
        if coder.version >= 1 { try coder.int32(&rebalanceTimeoutMilliseconds) }
        try coder.string(&memberID)
        if coder.version >= 5 { try coder.nullableString(&groupInstanceID) }
        try coder.string(&protocolType)
        try coder.array(&protocols)
        if coder.version >= 8 { try coder.nullableString(&reason) }
        try coder.tags()
    }

    /// A protocol, such as a way to assign partitions.
    public struct MemberProtocol: WireStructure, Sendable {
        /// Its name, such as `range`.
        public var name: String = ""
        /// What the member says of itself to the leader, opaque to the broker.
        public var metadata: [UInt8] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", metadata: [UInt8] = []) {
            self.name = name
            self.metadata = metadata
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.bytes(&metadata)
            try coder.tags()
        }
    }
}
