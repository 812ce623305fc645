/// ListConfigResources (API 74, KIP-1142): which resources have settings.
public struct ListConfigResourcesRequest: WireMessage, Sendable {
    public static var api: APIKey { .listConfigResources }

    /// The kinds to list (`ConfigResourceType`); empty for all (v1+).
    public var resourceTypes: [Int8] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(resourceTypes: [Int8] = []) {
        self.resourceTypes = resourceTypes
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 1 { try coder.int8s(&resourceTypes) }
        try coder.tags()
    }
}
