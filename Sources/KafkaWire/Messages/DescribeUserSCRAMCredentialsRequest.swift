/// DescribeUserScramCredentials (API 50, KIP-554): which users can log in with SCRAM.
public struct DescribeUserSCRAMCredentialsRequest: WireMessage, Sendable {
    public static var api: APIKey { .describeUserSCRAMCredentials }

    /// Which users; nil or none for all.
    public var users: [User]? = nil

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(users: [User]? = nil) {
        self.users = users
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.nullableArray(&users)
        try coder.tags()
    }

    /// A user to describe.
    public struct User: WireStructure, Sendable {
        /// The user's name.
        public var name: String = ""

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "") {
            self.name = name
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.tags()
        }
    }
}
