/// ApiVersions (API 18): which APIs and versions there are; the first request of nearly every client.
public struct APIVersionsRequest: WireMessage, Sendable {
    public static var api: APIKey { .apiVersions }

    /// The name of the client library (v3+).
    public var clientSoftwareName: String = ""
    /// Its version (v3+).
    public var clientSoftwareVersion: String = ""

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(clientSoftwareName: String = "", clientSoftwareVersion: String = "") {
        self.clientSoftwareName = clientSoftwareName
        self.clientSoftwareVersion = clientSoftwareVersion
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 3 {
            try coder.string(&clientSoftwareName)
            try coder.string(&clientSoftwareVersion)
        }
        try coder.tags()
    }

    /// Whether name and version are words of letters, digits, `-` and `.`, as KIP-511 demands.
    public var isValid: Bool {
        [clientSoftwareName, clientSoftwareVersion].allSatisfy { text in
            guard let first = text.utf8.first, let last = text.utf8.last else { return false }
            return Self.isAlphanumeric(first) && Self.isAlphanumeric(last)
                && text.utf8.allSatisfy {
                    Self.isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
                }
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
