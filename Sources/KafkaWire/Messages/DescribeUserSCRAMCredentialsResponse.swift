/// The answer to DescribeUserScramCredentials (API 50).
public struct DescribeUserSCRAMCredentialsResponse: WireMessage, Sendable {
    public static var api: APIKey { .describeUserSCRAMCredentials }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Whether it worked.
    public var errorCode: ErrorCode = .none
    /// What was wrong, for people.
    public var errorMessage: String? = nil
    /// Results by user.
    public var results: [Result] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        throttleMilliseconds: Int32 = 0, errorCode: ErrorCode = .none, errorMessage: String? = nil,
        results: [Result] = []
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.results = results
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.errorCode(&errorCode)
        try coder.nullableString(&errorMessage)
        try coder.array(&results)
        try coder.tags()
    }

    /// What is known of one user.
    public struct Result: WireStructure, Sendable {
        /// The user's name.
        public var user: String = ""
        /// Whether the user could be described.
        public var errorCode: ErrorCode = .none
        /// What was wrong, for people.
        public var errorMessage: String? = nil
        /// The user's credentials, without their secrets.
        public var credentials: [Credential] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            user: String = "", errorCode: ErrorCode = .none, errorMessage: String? = nil, credentials: [Credential] = []
        ) {
            self.user = user
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.credentials = credentials
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&user)
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.array(&credentials)
            try coder.tags()
        }
    }

    /// A credential.
    public struct Credential: WireStructure, Sendable {
        /// 1 for SCRAM-SHA-256, 2 for SCRAM-SHA-512.
        public var mechanism: Int8 = 0
        /// How often the password was hashed.
        public var iterations: Int32 = 0

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(mechanism: Int8 = 0, iterations: Int32 = 0) {
            self.mechanism = mechanism
            self.iterations = iterations
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int8(&mechanism)
            try coder.int32(&iterations)
            try coder.tags()
        }
    }
}
