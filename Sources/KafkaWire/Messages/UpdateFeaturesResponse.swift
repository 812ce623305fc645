/// The answer to UpdateFeatures (API 57).
public struct UpdateFeaturesResponse: WireMessage, Sendable {
    public static var api: APIKey { .updateFeatures }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Whether the request as a whole was taken.
    public var errorCode: ErrorCode = .none
    /// What was wrong, for people.
    public var errorMessage: String? = nil
    /// Results by feature (v0-1).
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
        if coder.version <= 1 { try coder.array(&results) }
        try coder.tags()
    }

    /// What became of one feature.
    public struct Result: WireStructure, Sendable {
        /// Its name.
        public var feature: String = ""
        /// Whether it worked.
        public var errorCode: ErrorCode = .none
        /// What was wrong, for people.
        public var errorMessage: String? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(feature: String = "", errorCode: ErrorCode = .none, errorMessage: String? = nil) {
            self.feature = feature
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&feature)
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.tags()
        }
    }
}
