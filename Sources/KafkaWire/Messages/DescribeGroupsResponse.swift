/// The answer to DescribeGroups (API 15).
public struct DescribeGroupsResponse: WireMessage, Sendable {
    public static var api: APIKey { .describeGroups }

    /// How long the client should hold back, ms (v1+).
    public var throttleMilliseconds: Int32 = 0
    /// The groups, in the order of the request.
    public var groups: [Group] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(throttleMilliseconds: Int32 = 0, groups: [Group] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.groups = groups
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 1 { try coder.int32(&throttleMilliseconds) }
        try coder.array(&groups)
        try coder.tags()
    }

    /// A group.
    public struct Group: WireStructure, Sendable {
        /// Whether it worked.
        public var errorCode: ErrorCode = .none
        /// What was wrong, for people (v6+).
        public var errorMessage: String? = nil
        /// Its name.
        public var groupID: String = ""
        /// Its state, in Kafka's spelling; `Dead` for a group that does not exist.
        public var state: String = ""
        /// What it is for.
        public var protocolType: String = ""
        /// The chosen protocol; empty unless the group is stable.
        public var protocolData: String = ""
        /// Its members.
        public var members: [Member] = []
        /// Bits of what the client may do; the least INT32 when not asked (v3+).
        public var authorizedOperations: Int32 = .min

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            errorCode: ErrorCode = .none, errorMessage: String? = nil, groupID: String = "", state: String = "",
            protocolType: String = "", protocolData: String = "", members: [Member] = [],
            authorizedOperations: Int32 = .min
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.groupID = groupID
            self.state = state
            self.protocolType = protocolType
            self.protocolData = protocolData
            self.members = members
            self.authorizedOperations = authorizedOperations
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.errorCode(&errorCode)
            if coder.version >= 6 { try coder.nullableString(&errorMessage) }
            try coder.string(&groupID)
            try coder.string(&state)
            try coder.string(&protocolType)
            try coder.string(&protocolData)
            try coder.array(&members)
            if coder.version >= 3 { try coder.int32(&authorizedOperations) }
            try coder.tags()
        }
    }

    /// A member of a group.
    public struct Member: WireStructure, Sendable {
        /// Its id.
        public var memberID: String = ""
        /// The static member id (v4+).
        public var groupInstanceID: String? = nil
        /// How its client calls itself.
        public var clientID: String = ""
        /// Where it is, such as `/127.0.0.1`.
        public var clientHost: String = ""
        /// What it said of itself in the chosen protocol.
        public var metadata: [UInt8] = []
        /// What it got.
        public var assignment: [UInt8] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            memberID: String = "", groupInstanceID: String? = nil, clientID: String = "", clientHost: String = "",
            metadata: [UInt8] = [], assignment: [UInt8] = []
        ) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.clientID = clientID
            self.clientHost = clientHost
            self.metadata = metadata
            self.assignment = assignment
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&memberID)
            if coder.version >= 4 { try coder.nullableString(&groupInstanceID) }
            try coder.string(&clientID)
            try coder.string(&clientHost)
            try coder.bytes(&metadata)
            try coder.bytes(&assignment)
            try coder.tags()
        }
    }
}
