import Bytes

/// What stands before every request body: `int16 api key, int16 version, int32 correlation id, nullable string client
/// id`, and tagged fields in header version 2 (flexible requests). The client id is a non-compact string in every
/// version; header version 0, without client id, belongs to ControlledShutdown alone, which is not served.
public struct RequestHeader: Equatable, Sendable {
    /// The API's number, which may be one that is not known.
    public var apiKey: Int16
    /// The version of the body.
    public var version: Int16
    /// Repeated in the response.
    public var correlationID: Int32
    /// How the client calls itself.
    public var clientID: String?

    /// A header of these fields.
    public init(apiKey: Int16, version: Int16, correlationID: Int32, clientID: String?) {
        self.apiKey = apiKey
        self.version = version
        self.correlationID = correlationID
        self.clientID = clientID
    }

    /// A header of a request of a known API.
    public init(_ api: APIKey, version: Int16, correlationID: Int32, clientID: String?) {
        self.init(apiKey: api.rawValue, version: version, correlationID: correlationID, clientID: clientID)
    }

    /// What is known of the API; nil when it is not served.
    public var supported: SupportedVersions? { SupportedVersions.ofKey(apiKey) }

    /// Whether the body can be decoded.
    public var isDecodable: Bool { supported?.decodable.contains(version) ?? false }

    /// Reads a header. Behind a header whose API or version is not decodable, the position of the body is not defined.
    public init(decoding reader: inout ByteReader) throws(DecodeError) {
        apiKey = try reader.int16()
        version = try reader.int16()
        correlationID = try reader.int32()
        clientID = try reader.kafkaString(flexible: false)
        if isDecodable, let supported, supported.isFlexible(version) { try reader.skipTaggedFields() }
    }

    /// Appends the header.
    public func encode(into writer: inout ByteWriter) {
        writer.int16(apiKey)
        writer.int16(version)
        writer.int32(correlationID)
        writer.kafkaString(clientID, flexible: false)
        if let supported, supported.isFlexible(version) { writer.unsignedVarint(0) }
    }
}

/// What stands before every response body: the correlation id, and tagged fields when the version is flexible.
/// ApiVersions responses never have the tagged fields, so that a client can read them before it knows the broker
/// (KIP-511).
public struct ResponseHeader: Equatable, Sendable {
    /// The correlation id of the request.
    public var correlationID: Int32

    /// A header for the answer to this request.
    public init(correlationID: Int32) { self.correlationID = correlationID }

    static func hasTags(_ api: APIKey, _ version: Int16) -> Bool {
        api != .apiVersions && SupportedVersions.of(api).isFlexible(version)
    }

    /// Reads the header of a response to a request of this API and version.
    public init(decoding reader: inout ByteReader, api: APIKey, version: Int16) throws(DecodeError) {
        correlationID = try reader.int32()
        if Self.hasTags(api, version) { try reader.skipTaggedFields() }
    }

    /// Appends the header of a response to a request of this API and version.
    public func encode(into writer: inout ByteWriter, api: APIKey, version: Int16) {
        writer.int32(correlationID)
        if Self.hasTags(api, version) { writer.unsignedVarint(0) }
    }
}
