/// LeaveGroup (API 13): members leave for good, or an administrator removes static ones.
public struct LeaveGroupRequest: WireMessage, Sendable {
    public static var api: APIKey { .leaveGroup }

    /// The group.
    public var groupID: String = ""
    /// Who leaves; exactly one before v3.
    public var members: [Member] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(groupID: String = "", members: [Member] = []) {
        self.groupID = groupID
        self.members = members
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.string(&groupID)
        if coder.version >= 3 {
            try coder.array(&members)
        } else {
            var only = members.first ?? Member()
            try coder.string(&only.memberID)
            members = [only]
        }
        try coder.tags()
    }

    /// A member that leaves.
    public struct Member: WireStructure, Sendable {
        /// Its id; empty to remove whoever has the static member id.
        public var memberID: String = ""
        /// The static member id (v3+).
        public var groupInstanceID: String? = nil
        /// Why, for people (v5+).
        public var reason: String? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(memberID: String = "", groupInstanceID: String? = nil, reason: String? = nil) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.reason = reason
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&memberID)
            if coder.version >= 3 { try coder.nullableString(&groupInstanceID) }
            if coder.version >= 5 { try coder.nullableString(&reason) }
            try coder.tags()
        }
    }
}
