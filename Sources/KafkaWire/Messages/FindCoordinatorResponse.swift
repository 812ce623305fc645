/// The answer to FindCoordinator (API 10).
public struct FindCoordinatorResponse: WireMessage, Sendable {
    public static var api: APIKey { .findCoordinator }

    /// How long the client should hold back, ms (v1+).
    public var throttleMilliseconds: Int32 = 0
    /// The coordinators, by key; exactly one before v4.
    public var coordinators: [Coordinator] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(throttleMilliseconds: Int32 = 0, coordinators: [Coordinator] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.coordinators = coordinators
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 1 { try coder.int32(&throttleMilliseconds) }
        if coder.version >= 4 {
            try coder.array(&coordinators)
        } else {
            var only = coordinators.first ?? Coordinator()
            try only.codeAlone(&coder)
            coordinators = [only]
        }
        try coder.tags()
    }

    /// The coordinator of one key.
    public struct Coordinator: WireStructure, Sendable {
        /// The group or transactional id (v4+).
        public var key: String = ""
        /// The broker's number; -1 on errors.
        public var nodeID: Int32 = -1
        /// The host to dial.
        public var host: String = ""
        /// The port to dial.
        public var port: Int32 = -1
        /// Whether it worked.
        public var errorCode: ErrorCode = .none
        /// What was wrong, for people (v1+).
        public var errorMessage: String? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            key: String = "", nodeID: Int32 = -1, host: String = "", port: Int32 = -1, errorCode: ErrorCode = .none,
            errorMessage: String? = nil
        ) {
            self.key = key
            self.nodeID = nodeID
            self.host = host
            self.port = port
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&key)
            try coder.int32(&nodeID)
            try coder.string(&host)
            try coder.int32(&port)
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.tags()
        }

        /// The form before v4, where the fields stand in the message itself and in another order.
        @inlinable
        mutating func codeAlone<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.errorCode(&errorCode)
            if coder.version >= 1 { try coder.nullableString(&errorMessage) }
            try coder.int32(&nodeID)
            try coder.string(&host)
            try coder.int32(&port)
        }
    }
}
