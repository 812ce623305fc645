/// The answer to DeleteGroups (API 42).
public struct DeleteGroupsResponse: WireMessage, Sendable {
    public static var api: APIKey { .deleteGroups }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Results by group.
    public var results: [Result] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(throttleMilliseconds: Int32 = 0, results: [Result] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.results = results
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.array(&results)
        try coder.tags()
    }

    /// What became of one group.
    public struct Result: WireStructure, Sendable {
        /// Its name.
        public var groupID: String = ""
        /// Whether it worked.
        public var errorCode: ErrorCode = .none

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(groupID: String = "", errorCode: ErrorCode = .none) {
            self.groupID = groupID
            self.errorCode = errorCode
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&groupID)
            try coder.errorCode(&errorCode)
            try coder.tags()
        }
    }
}
