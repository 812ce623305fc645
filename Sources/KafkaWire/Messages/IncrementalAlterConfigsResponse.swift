/// The answer to IncrementalAlterConfigs (API 44).
public struct IncrementalAlterConfigsResponse: WireMessage, Sendable {
    public static var api: APIKey { .incrementalAlterConfigs }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Results by resource.
    public var responses: [Response] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(throttleMilliseconds: Int32 = 0, responses: [Response] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.responses = responses
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.array(&responses)
        try coder.tags()
    }

    /// What became of one resource.
    public struct Response: WireStructure, Sendable {
        /// Whether it worked.
        public var errorCode: ErrorCode = .none
        /// What was wrong, for people.
        public var errorMessage: String? = nil
        /// Which kind of resource (`ConfigResourceType`).
        public var type: Int8 = 2
        /// The resource's name.
        public var name: String = ""

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(errorCode: ErrorCode = .none, errorMessage: String? = nil, type: Int8 = 2, name: String = "") {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.type = type
            self.name = name
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.int8(&type)
            try coder.string(&name)
            try coder.tags()
        }
    }
}
