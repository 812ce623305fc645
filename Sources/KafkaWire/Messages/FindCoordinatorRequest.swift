/// FindCoordinator (API 10): which broker looks after a group or a transactional id.
public struct FindCoordinatorRequest: WireMessage, Sendable {
    public static var api: APIKey { .findCoordinator }

    /// 0 for groups, 1 for transactional ids (v1+).
    public var keyType: Int8 = 0
    /// The groups or transactional ids; exactly one before v4.
    public var keys: [String] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(keyType: Int8 = 0, keys: [String] = []) {
        self.keyType = keyType
        self.keys = keys
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version <= 3 {
            var key = keys.first ?? ""
            try coder.string(&key)
            keys = [key]
        }
        if coder.version >= 1 { try coder.int8(&keyType) }
        if coder.version >= 4 { try coder.strings(&keys) }
        try coder.tags()
    }
}
