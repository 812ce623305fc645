/// Decodes a message of any known schema by its file identifier; survives any bytes.
public enum MessageDecoder {
    /// The message as one JSON object; see `Schema.write`.
    public static func json(_ bytes: UnsafeRawBufferPointer, arrays: JSONArrays) throws(SchemaError) -> String {
        try Schema.of(bytes).json(bytes, arrays: arrays)
    }

    /// Writes the message into `json` as one value; nothing is written if it throws.
    public static func write(_ bytes: UnsafeRawBufferPointer, to json: inout JSONWriter) throws(SchemaError) {
        try Schema.of(bytes).write(bytes, to: &json)
    }

    /// One line for people, such as `ev44 det 1234 events 1 pulse`; for bytes that cannot be decoded it says why.
    public static func summary(_ bytes: UnsafeRawBufferPointer) -> String {
        do throws(SchemaError) {
            return try Schema.of(bytes).summary(bytes)
        } catch {
            return "\(bytes.count) bytes: \(error)"
        }
    }

    /// Events in the message; nil if its schema carries none or it cannot be decoded.
    public static func eventCount(_ bytes: UnsafeRawBufferPointer) -> Int? {
        do throws(SchemaError) {
            return try Schema.of(bytes).eventCount(bytes)
        } catch {
            return nil
        }
    }
}
