/// The answer to ApiVersions (API 18). A request of a version that is not known is answered in version 0.
///
/// The features of KIP-584 are tagged fields, written only where they are given: clients up to Java 3.8, which read
/// versions below 4, refuse a feature whose minimum is 0 (KAFKA-17011).
public struct APIVersionsResponse: WireMessage, Sendable {
    public static var api: APIKey { .apiVersions }

    /// `unsupportedVersion` when the request's version is not known.
    public var errorCode: ErrorCode = .none
    /// The APIs with their versions.
    public var apiKeys: [Entry] = []
    /// How long the client should hold back, ms (v1+).
    public var throttleMilliseconds: Int32 = 0
    /// The features that the broker could turn on (v3+, tagged).
    public var supportedFeatures: [SupportedFeature] = []
    /// The number of the last change of features; -1 for unknown (v3+, tagged).
    public var finalizedFeaturesEpoch: Int64 = -1
    /// The features that are turned on (v3+, tagged).
    public var finalizedFeatures: [FinalizedFeature] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(errorCode: ErrorCode = .none, apiKeys: [Entry] = [], throttleMilliseconds: Int32 = 0) {
        self.errorCode = errorCode
        self.apiKeys = apiKeys
        self.throttleMilliseconds = throttleMilliseconds
    }

    /// The answer that lists everything that is served.
    public static func ofEverything(_ errorCode: ErrorCode = .none) -> APIVersionsResponse {
        let entries = SupportedVersions.all.map {
            Entry(
                apiKey: $0.api.rawValue, minVersion: $0.advertised.lowerBound, maxVersion: $0.advertised.upperBound)
        }
        return APIVersionsResponse(errorCode: errorCode, apiKeys: entries)
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.errorCode(&errorCode)
        try coder.array(&apiKeys)
        if coder.version >= 1 { try coder.int32(&throttleMilliseconds) }
        try coder.tags(&self)
    }

    /// One API.
    public struct Entry: WireStructure, Sendable {
        /// The API's number.
        public var apiKey: Int16 = 0
        /// The lowest version.
        public var minVersion: Int16 = 0
        /// The highest version.
        public var maxVersion: Int16 = 0

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(apiKey: Int16 = 0, minVersion: Int16 = 0, maxVersion: Int16 = 0) {
            self.apiKey = apiKey
            self.minVersion = minVersion
            self.maxVersion = maxVersion
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int16(&apiKey)
            try coder.int16(&minVersion)
            try coder.int16(&maxVersion)
            try coder.tags()
        }
    }
}

extension APIVersionsResponse: WireTagged {
    @inlinable
    public static func knownTags(version: Int16) -> UInt32 { 0b111 }

    @inlinable
    public var presentTags: UInt32 {
        (supportedFeatures.isEmpty ? 0 : 0b1) | (finalizedFeaturesEpoch == -1 ? 0 : 0b10)
            | (finalizedFeatures.isEmpty ? 0 : 0b100)
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(tag: UInt32, _ coder: inout C) throws(C.Failure) {
        switch tag {
        case 0: try coder.array(&supportedFeatures)
        case 1: try coder.int64(&finalizedFeaturesEpoch)
        default: try coder.array(&finalizedFeatures)
        }
    }

    /// A feature that the broker could turn on.
    public struct SupportedFeature: WireStructure, Sendable, Equatable {
        /// Its name.
        public var name: String = ""
        /// The lowest level.
        public var minVersion: Int16 = 0
        /// The highest level.
        public var maxVersion: Int16 = 0

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String, minVersion: Int16, maxVersion: Int16) {
            self.name = name
            self.minVersion = minVersion
            self.maxVersion = maxVersion
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.int16(&minVersion)
            try coder.int16(&maxVersion)
            try coder.tags()
        }
    }

    /// A feature that is turned on.
    public struct FinalizedFeature: WireStructure, Sendable, Equatable {
        /// Its name.
        public var name: String = ""
        /// The highest level that is on.
        public var maxVersionLevel: Int16 = 0
        /// The lowest level that is on.
        public var minVersionLevel: Int16 = 0

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String, maxVersionLevel: Int16, minVersionLevel: Int16) {
            self.name = name
            self.maxVersionLevel = maxVersionLevel
            self.minVersionLevel = minVersionLevel
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.int16(&maxVersionLevel)
            try coder.int16(&minVersionLevel)
            try coder.tags()
        }
    }
}
