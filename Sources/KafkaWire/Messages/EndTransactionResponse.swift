/// The answer to EndTxn (API 26).
public struct EndTransactionResponse: WireMessage, Sendable {
    public static var api: APIKey { .endTransaction }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Whether it worked.
    public var errorCode: ErrorCode = .none
    /// The id for the next transaction; -1 on errors (v5+).
    public var producerID: Int64 = -1
    /// The epoch for the next transaction; -1 on errors (v5+).
    public var producerEpoch: Int16 = -1

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        throttleMilliseconds: Int32 = 0, errorCode: ErrorCode = .none, producerID: Int64 = -1, producerEpoch: Int16 = -1
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.producerID = producerID
        self.producerEpoch = producerEpoch
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.errorCode(&errorCode)
        if coder.version >= 5 { try coder.int64(&producerID) }
        if coder.version >= 5 { try coder.int16(&producerEpoch) }
        try coder.tags()
    }
}
