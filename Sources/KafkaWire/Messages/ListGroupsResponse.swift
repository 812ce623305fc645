/// The answer to ListGroups (API 16).
public struct ListGroupsResponse: WireMessage, Sendable {
    public static var api: APIKey { .listGroups }

    /// How long the client should hold back, ms (v1+).
    public var throttleMilliseconds: Int32 = 0
    /// Whether it worked.
    public var errorCode: ErrorCode = .none
    /// The groups.
    public var groups: [Group] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(throttleMilliseconds: Int32 = 0, errorCode: ErrorCode = .none, groups: [Group] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.groups = groups
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 1 { try coder.int32(&throttleMilliseconds) }
        try coder.errorCode(&errorCode)
        try coder.array(&groups)
        try coder.tags()
    }

    /// A group.
    public struct Group: WireStructure, Sendable {
        /// Its name.
        public var groupID: String = ""
        /// What it is for; empty when it never had members.
        public var protocolType: String = ""
        /// Its state, in Kafka's spelling (v4+).
        public var state: String = ""
        /// `classic` or `consumer` (v5+).
        public var type: String = ""

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(groupID: String = "", protocolType: String = "", state: String = "", type: String = "") {
            self.groupID = groupID
            self.protocolType = protocolType
            self.state = state
            self.type = type
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&groupID)
            try coder.string(&protocolType)
            if coder.version >= 4 { try coder.string(&state) }
            if coder.version >= 5 { try coder.string(&type) }
            try coder.tags()
        }
    }
}
