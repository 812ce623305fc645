/// AlterUserScramCredentials (API 51, KIP-554): sets and removes SCRAM credentials.
public struct AlterUserSCRAMCredentialsRequest: WireMessage, Sendable {
    public static var api: APIKey { .alterUserSCRAMCredentials }

    /// What to remove.
    public var deletions: [Deletion] = []
    /// What to set.
    public var upsertions: [Upsertion] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(deletions: [Deletion] = [], upsertions: [Upsertion] = []) {
        self.deletions = deletions
        self.upsertions = upsertions
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.array(&deletions)
        try coder.array(&upsertions)
        try coder.tags()
    }

    /// A credential to remove.
    public struct Deletion: WireStructure, Sendable {
        /// The user's name.
        public var name: String = ""
        /// 1 for SCRAM-SHA-256, 2 for SCRAM-SHA-512.
        public var mechanism: Int8 = 0

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", mechanism: Int8 = 0) {
            self.name = name
            self.mechanism = mechanism
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.int8(&mechanism)
            try coder.tags()
        }
    }

    /// A credential to set.
    public struct Upsertion: WireStructure, Sendable {
        /// The user's name.
        public var name: String = ""
        /// 1 for SCRAM-SHA-256, 2 for SCRAM-SHA-512.
        public var mechanism: Int8 = 0
        /// How often the password was hashed.
        public var iterations: Int32 = 0
        /// What the password was hashed with.
        public var salt: [UInt8] = []
        /// The hashed password (RFC 5802, SaltedPassword).
        public var saltedPassword: [UInt8] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            name: String = "", mechanism: Int8 = 0, iterations: Int32 = 0, salt: [UInt8] = [],
            saltedPassword: [UInt8] = []
        ) {
            self.name = name
            self.mechanism = mechanism
            self.iterations = iterations
            self.salt = salt
            self.saltedPassword = saltedPassword
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.int8(&mechanism)
            try coder.int32(&iterations)
            try coder.bytes(&salt)
            try coder.bytes(&saltedPassword)
            try coder.tags()
        }
    }
}
