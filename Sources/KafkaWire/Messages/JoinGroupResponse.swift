/// The answer to JoinGroup (API 11).
public struct JoinGroupResponse: WireMessage, Sendable {
    public static var api: APIKey { .joinGroup }

    /// How long the client should hold back, ms (v2+).
    public var throttleMilliseconds: Int32 = 0
    /// Whether it worked.
    public var errorCode: ErrorCode = .none
    /// The generation that has begun; -1 on errors.
    public var generation: Int32 = -1
    /// What the group is for (v7+).
    public var protocolType: String? = nil
    /// The protocol that was chosen; never null before v7.
    public var protocolName: String? = nil
    /// The member that decides.
    public var leader: String = ""
    /// Whether the leader shall not decide anything, as nothing has changed (v9+).
    public var skipAssignment: Bool = false
    /// The member that this is the answer for.
    public var memberID: String = ""
    /// All members, for the leader; empty for the others.
    public var members: [Member] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        throttleMilliseconds: Int32 = 0, errorCode: ErrorCode = .none, generation: Int32 = -1,
        protocolType: String? = nil, protocolName: String? = nil, leader: String = "", skipAssignment: Bool = false,
        memberID: String = "", members: [Member] = []
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.generation = generation
        self.protocolType = protocolType
        self.protocolName = protocolName
        self.leader = leader
        self.skipAssignment = skipAssignment
        self.memberID = memberID
        self.members = members
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 2 { try coder.int32(&throttleMilliseconds) }
        try coder.errorCode(&errorCode)
        try coder.int32(&generation)
        if coder.version >= 7 { try coder.nullableString(&protocolType) }
        if coder.version >= 7 {
            try coder.nullableString(&protocolName)
        } else {
            var name = protocolName ?? ""
            try coder.string(&name)
            protocolName = name
        }
        try coder.string(&leader)
        if coder.version >= 9 { try coder.bool(&skipAssignment) }
        try coder.string(&memberID)
        try coder.array(&members)
        try coder.tags()
    }

    /// A member as the leader sees it.
    public struct Member: WireStructure, Sendable {
        /// Its id.
        public var memberID: String = ""
        /// The static member id (v5+).
        public var groupInstanceID: String? = nil
        /// What it said of itself in the chosen protocol.
        public var metadata: [UInt8] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(memberID: String = "", groupInstanceID: String? = nil, metadata: [UInt8] = []) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.metadata = metadata
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&memberID)
            if coder.version >= 5 { try coder.nullableString(&groupInstanceID) }
            try coder.bytes(&metadata)
            try coder.tags()
        }
    }
}
