/// The answer to CreatePartitions (API 37).
public struct CreatePartitionsResponse: WireMessage, Sendable {
    public static var api: APIKey { .createPartitions }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Results by topic.
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

    /// What became of one topic.
    public struct Result: WireStructure, Sendable {
        /// Its name.
        public var name: String = ""
        /// Whether it worked.
        public var errorCode: ErrorCode = .none
        /// What was wrong, for people.
        public var errorMessage: String? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", errorCode: ErrorCode = .none, errorMessage: String? = nil) {
            self.name = name
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.tags()
        }
    }
}
