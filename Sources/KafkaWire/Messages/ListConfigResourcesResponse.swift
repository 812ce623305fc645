/// The answer to ListConfigResources (API 74).
public struct ListConfigResourcesResponse: WireMessage, Sendable {
    public static var api: APIKey { .listConfigResources }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Whether it worked.
    public var errorCode: ErrorCode = .none
    /// The resources; version 0 lists those of client metrics only.
    public var resources: [Resource] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(throttleMilliseconds: Int32 = 0, errorCode: ErrorCode = .none, resources: [Resource] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.resources = resources
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.errorCode(&errorCode)
        try coder.array(&resources)
        try coder.tags()
    }

    /// A resource that has settings.
    public struct Resource: WireStructure, Sendable {
        /// Its name.
        public var name: String = ""
        /// Which kind of resource (`ConfigResourceType`) (v1+).
        public var type: Int8 = 16

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", type: Int8 = 16) {
            self.name = name
            self.type = type
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            if coder.version >= 1 { try coder.int8(&type) }
            try coder.tags()
        }
    }
}
