/// The answer to DeleteAcls (API 31).
public struct DeleteACLsResponse: WireMessage, Sendable {
    public static var api: APIKey { .deleteACLs }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Results by filter, in the order of the request.
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

    /// What became of one filter.
    public struct Result: WireStructure, Sendable {
        /// Whether it worked.
        public var errorCode: ErrorCode = .none
        /// What was wrong, for people.
        public var errorMessage: String? = nil
        /// The rules that it found.
        public var matches: [Match] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(errorCode: ErrorCode = .none, errorMessage: String? = nil, matches: [Match] = []) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.matches = matches
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.array(&matches)
            try coder.tags()
        }
    }

    /// A rule that was found.
    public struct Match: WireStructure, Sendable {
        /// Whether it was removed.
        public var errorCode: ErrorCode = .none
        /// What was wrong, for people.
        public var errorMessage: String? = nil
        /// The kind of resource.
        public var resourceType: Int8 = 0
        /// Its name or prefix.
        public var resourceName: String = ""
        /// 3 for a name, 4 for a prefix (v1+).
        public var patternType: Int8 = 3
        /// Whom it concerns.
        public var principal: String = ""
        /// The host that it concerns; `*` for any.
        public var host: String = ""
        /// What it concerns.
        public var operation: Int8 = 0
        /// 2 denies, 3 allows.
        public var permissionType: Int8 = 0

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            errorCode: ErrorCode = .none, errorMessage: String? = nil, resourceType: Int8 = 0,
            resourceName: String = "", patternType: Int8 = 3, principal: String = "", host: String = "",
            operation: Int8 = 0, permissionType: Int8 = 0
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.resourceType = resourceType
            self.resourceName = resourceName
            self.patternType = patternType
            self.principal = principal
            self.host = host
            self.operation = operation
            self.permissionType = permissionType
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.int8(&resourceType)
            try coder.string(&resourceName)
            if coder.version >= 1 { try coder.int8(&patternType) }
            try coder.string(&principal)
            try coder.string(&host)
            try coder.int8(&operation)
            try coder.int8(&permissionType)
            try coder.tags()
        }
    }
}
