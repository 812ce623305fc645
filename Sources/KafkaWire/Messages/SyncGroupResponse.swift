/// The answer to SyncGroup (API 14).
public struct SyncGroupResponse: WireMessage, Sendable {
    public static var api: APIKey { .syncGroup }

    /// How long the client should hold back, ms (v1+).
    public var throttleMilliseconds: Int32 = 0
    /// Whether it worked.
    public var errorCode: ErrorCode = .none
    /// What the group is for (v5+).
    public var protocolType: String? = nil
    /// The chosen protocol (v5+).
    public var protocolName: String? = nil
    /// What the member gets.
    public var assignment: [UInt8] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        throttleMilliseconds: Int32 = 0, errorCode: ErrorCode = .none, protocolType: String? = nil,
        protocolName: String? = nil, assignment: [UInt8] = []
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.protocolType = protocolType
        self.protocolName = protocolName
        self.assignment = assignment
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 1 { try coder.int32(&throttleMilliseconds) }
        try coder.errorCode(&errorCode)
        if coder.version >= 5 { try coder.nullableString(&protocolType) }
        if coder.version >= 5 { try coder.nullableString(&protocolName) }
        try coder.bytes(&assignment)
        try coder.tags()
    }
}
