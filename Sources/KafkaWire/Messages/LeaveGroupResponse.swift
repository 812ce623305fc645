/// The answer to LeaveGroup (API 13).
public struct LeaveGroupResponse: WireMessage, Sendable {
    public static var api: APIKey { .leaveGroup }

    /// How long the client should hold back, ms (v1+).
    public var throttleMilliseconds: Int32 = 0
    /// An error of the whole request; before v3 that of the only member.
    public var errorCode: ErrorCode = .none
    /// Results by member (v3+).
    public var members: [Member] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(throttleMilliseconds: Int32 = 0, errorCode: ErrorCode = .none, members: [Member] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.members = members
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 1 { try coder.int32(&throttleMilliseconds) }
        try coder.errorCode(&errorCode)
        if coder.version >= 3 { try coder.array(&members) }
        try coder.tags()
    }

    /// What became of one member.
    public struct Member: WireStructure, Sendable {
        /// Its id.
        public var memberID: String = ""
        /// The static member id (v3+).
        public var groupInstanceID: String? = nil
        /// Whether it worked.
        public var errorCode: ErrorCode = .none

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(memberID: String = "", groupInstanceID: String? = nil, errorCode: ErrorCode = .none) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.errorCode = errorCode
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&memberID)
            if coder.version >= 3 { try coder.nullableString(&groupInstanceID) }
            try coder.errorCode(&errorCode)
            try coder.tags()
        }
    }
}
