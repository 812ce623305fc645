/// The answer to Heartbeat (API 12).
public struct HeartbeatResponse: WireMessage, Sendable {
    public static var api: APIKey { .heartbeat }

    /// How long the client should hold back, ms (v1+).
    public var throttleMilliseconds: Int32 = 0
    /// REBALANCE_IN_PROGRESS when the member shall join again.
    public var errorCode: ErrorCode = .none

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(throttleMilliseconds: Int32 = 0, errorCode: ErrorCode = .none) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 1 { try coder.int32(&throttleMilliseconds) }
        try coder.errorCode(&errorCode)
        try coder.tags()
    }
}
