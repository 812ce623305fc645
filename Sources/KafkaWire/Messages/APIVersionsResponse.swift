/// The answer to ApiVersions (API 18). A request of a version that is not known is answered in version 0.
///
/// The features of KIP-584 are tagged fields that are left out: clients up to Java 3.8 refuse a feature whose minimum
/// is 0
/// (KAFKA-17011).
public struct APIVersionsResponse: WireMessage, Sendable {
    public static var api: APIKey { .apiVersions }

    /// `unsupportedVersion` when the request's version is not known.
    public var errorCode: ErrorCode = .none
    /// The APIs with their versions.
    public var apiKeys: [Entry] = []
    /// How long the client should hold back, ms (v1+).
    public var throttleMilliseconds: Int32 = 0

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
        try coder.tags()
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
