import Schemas

/// A message's bytes in a form for people: decoded by schema, or as text, or as hexadecimal digits.
public struct Payload {
    /// Bytes shown of a payload that is neither decoded nor text.
    public static let shownBytes = 256

    /// The bytes; none for a tombstone.
    public let bytes: UnsafeRawBufferPointer
    /// The schema's id, or `text`, `bytes`, `empty` or `null`.
    public let schema: String
    /// Whether the bytes are a whole message of a known schema.
    public let isDecoded: Bool
    /// Why bytes that claim a schema are not decoded: they are no message of it, or nobody here knows it.
    public let fault: SchemaError?

    /// Looks at a record's value, which must outlive this; nil is a tombstone.
    public init(_ value: UnsafeRawBufferPointer?) {
        let bytes = value ?? UnsafeRawBufferPointer(start: nil, count: 0)
        self.bytes = bytes
        guard let identifier = SchemaIdentifier.of(bytes), Schema.named(identifier) != nil else {
            isDecoded = false
            schema = value == nil ? "null" : bytes.isEmpty ? "empty" : Self.isText(bytes) ? "text" : "bytes"
            // Other bytes seldom have letters and digits alone there, so they are likely meant.
            let claimed = schema == "bytes" ? SchemaIdentifier.of(bytes) : nil
            let isLikely = claimed?.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || ("0"..."9").contains($0) }
            fault = isLikely == true ? .unknownSchema(identifier: claimed) : nil
            return
        }
        var json = JSONWriter(arrays: .shortened(0))
        do throws(SchemaError) {
            try MessageDecoder.write(bytes, to: &json)
            (schema, isDecoded, fault) = (identifier, true, nil)
        } catch {
            // Text may hold the letters of a schema at that place.
            let isText = Self.isText(bytes)
            (schema, isDecoded, fault) = (isText ? "text" : identifier, false, isText ? nil : error)
        }
    }

    /// The schema that a record's value claims, without a look at the rest of it: as `schema`, but for faulty messages.
    public static func schema(of value: UnsafeRawBufferPointer?) -> String {
        guard let value, let identifier = SchemaIdentifier.of(value), Schema.named(identifier) != nil else {
            return Payload(value).schema
        }
        return identifier
    }

    /// Writes the message as one JSON value; undecoded ones as a string.
    public func write(to json: inout JSONWriter) {
        if schema == "null" {
            json.null()
        } else if !isDecoded || (try? MessageDecoder.write(bytes, to: &json)) == nil {
            json.value(Self.text(bytes))
        }
    }

    /// The message for a line: JSON when it is decoded, else its text or bytes, and what is wrong with it.
    public func line(_ arrays: JSONArrays) -> String {
        if let fault { return "\(fault): \(Self.text(bytes))" }
        guard isDecoded else { return schema == "null" ? "(no value)" : Self.text(bytes) }
        var json = JSONWriter(arrays: arrays)
        write(to: &json)
        return json.text
    }

    /// Printable UTF-8 as it is, anything else as `0x` and hexadecimal digits.
    public static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        guard !isText(bytes) else { return String(decoding: bytes, as: UTF8.self) }
        let rest = bytes.count > shownBytes ? "... (\(bytes.count) bytes)" : ""
        return "0x" + Hexadecimal.text(bytes.prefix(shownBytes)) + rest
    }

    /// Whether the bytes are UTF-8 without control characters but tab and line end.
    private static func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        String(validating: bytes, as: UTF8.self)?.unicodeScalars
            .allSatisfy { $0.value >= 32 && $0.value != 127 || $0 == "\n" || $0 == "\t" } ?? false
    }
}
