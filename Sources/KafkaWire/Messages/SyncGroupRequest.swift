/// SyncGroup (API 14): the leader brings what it has decided, the others ask for it. The answer comes when the leader
/// has.
public struct SyncGroupRequest: WireMessage, Sendable {
    public static var api: APIKey { .syncGroup }

    /// The group.
    public var groupID: String = ""
    /// The generation that the member is in.
    public var generation: Int32 = 0
    /// The member.
    public var memberID: String = ""
    /// The static member id (v3+).
    public var groupInstanceID: String? = nil
    /// What the member takes the group to be for (v5+).
    public var protocolType: String? = nil
    /// The protocol that the member takes to be chosen (v5+).
    public var protocolName: String? = nil
    /// What each member gets; from the leader alone.
    public var assignments: [Assignment] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        groupID: String = "", generation: Int32 = 0, memberID: String = "", groupInstanceID: String? = nil,
        protocolType: String? = nil, protocolName: String? = nil, assignments: [Assignment] = []
    ) {
        self.groupID = groupID
        self.generation = generation
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
        self.protocolType = protocolType
        self.protocolName = protocolName
        self.assignments = assignments
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.string(&groupID)
        try coder.int32(&generation)
        try coder.string(&memberID)
        if coder.version >= 3 { try coder.nullableString(&groupInstanceID) }
        if coder.version >= 5 { try coder.nullableString(&protocolType) }
        if coder.version >= 5 { try coder.nullableString(&protocolName) }
        try coder.array(&assignments)
        try coder.tags()
    }

    /// What one member gets.
    public struct Assignment: WireStructure, Sendable {
        /// The member.
        public var memberID: String = ""
        /// What it gets, opaque to the broker.
        public var assignment: [UInt8] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(memberID: String = "", assignment: [UInt8] = []) {
            self.memberID = memberID
            self.assignment = assignment
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&memberID)
            try coder.bytes(&assignment)
            try coder.tags()
        }
    }
}
