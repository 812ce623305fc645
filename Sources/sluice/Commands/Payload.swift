import Schemas

/// A message's bytes in a form for people: decoded by schema, or as text, or as hexadecimal digits.
struct Payload {
    /// Bytes shown of a payload that is neither decoded nor text.
    private static let shownBytes = 256

    let bytes: UnsafeRawBufferPointer
    /// The schema's id, or `text`, `bytes` or `empty`.
    let schema: String
    /// Whether the bytes are a whole message of a known schema.
    let isDecoded: Bool

    /// Looks at `bytes`, which must outlive the value.
    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        var json = JSONWriter(arrays: .shortened(0))
        if let identifier = SchemaIdentifier.of(bytes), (try? MessageDecoder.write(bytes, to: &json)) != nil {
            schema = identifier
            isDecoded = true
        } else {
            schema = bytes.isEmpty ? "empty" : Self.isText(bytes) ? "text" : "bytes"
            isDecoded = false
        }
    }

    /// Writes the message as one JSON value.
    func write(to json: inout JSONWriter) {
        if !isDecoded || (try? MessageDecoder.write(bytes, to: &json)) == nil { json.value(Self.text(bytes)) }
    }

    /// Printable UTF-8 as it is, anything else as `0x` and hexadecimal digits.
    static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        guard !isText(bytes) else { return String(decoding: bytes, as: UTF8.self) }
        let digits = Array("0123456789abcdef".utf8)
        let shown = bytes.prefix(shownBytes).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        let rest = bytes.count > shownBytes ? "... (\(bytes.count) bytes)" : ""
        return "0x" + String(decoding: shown, as: UTF8.self) + rest
    }

    /// Whether the bytes are UTF-8 without control characters but tab and line end.
    private static func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        String(validating: bytes, as: UTF8.self)?.unicodeScalars
            .allSatisfy { $0.value >= 32 && $0.value != 127 || $0 == "\n" || $0 == "\t" } ?? false
    }
}
