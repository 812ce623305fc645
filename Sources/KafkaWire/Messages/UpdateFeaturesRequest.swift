/// UpdateFeatures (API 57, KIP-584): sets the versions of the cluster's features.
public struct UpdateFeaturesRequest: WireMessage, Sendable {
    public static var api: APIKey { .updateFeatures }

    /// How long to wait, ms.
    public var timeoutMilliseconds: Int32 = 60000
    /// The changes.
    public var updates: [Update] = []
    /// Whether to check only, and change nothing (v1+).
    public var validateOnly: Bool = false

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(timeoutMilliseconds: Int32 = 60000, updates: [Update] = [], validateOnly: Bool = false) {
        self.timeoutMilliseconds = timeoutMilliseconds
        self.updates = updates
        self.validateOnly = validateOnly
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&timeoutMilliseconds)
        try coder.array(&updates)
        if coder.version >= 1 { try coder.bool(&validateOnly) }
        try coder.tags()
    }

    /// A change of one feature.
    public struct Update: WireStructure, Sendable {
        /// The feature's name.
        public var feature: String = ""
        /// The version to reach; below 1 turns the feature off.
        public var versionMax: Int16 = 0
        /// Whether the version may go down (v0).
        public var allowsDowngrade: Bool = false
        /// 1 goes up only, 2 may go down without loss, 3 may go down with loss (v1+).
        public var upgradeType: Int8 = 1

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(feature: String = "", versionMax: Int16 = 0, allowsDowngrade: Bool = false, upgradeType: Int8 = 1) {
            self.feature = feature
            self.versionMax = versionMax
            self.allowsDowngrade = allowsDowngrade
            self.upgradeType = upgradeType
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&feature)
            try coder.int16(&versionMax)
            if coder.version == 0 { try coder.bool(&allowsDowngrade) }
            if coder.version >= 1 { try coder.int8(&upgradeType) }
            try coder.tags()
        }
    }
}
