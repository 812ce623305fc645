import FlatBuffers

/// Decodes a message of any known schema by its file identifier; survives any bytes.
public struct MessageDecoder: Sendable {
    /// Every schema that can be decoded. A new one is a line here.
    public static let all: [MessageDecoder] = [
        MessageDecoder(EV44.self),
        MessageDecoder(PU00.self),
        MessageDecoder(F144.self),
        MessageDecoder(AL00.self),
        MessageDecoder(EP01.self),
        MessageDecoder(PL72.self),
        MessageDecoder(RunStop6S4T.self),
        MessageDecoder(ANSW.self),
        MessageDecoder(WRDN.self),
        MessageDecoder(X5F2.self),
        MessageDecoder(HS01.self),
        MessageDecoder(DF12.self),
    ]

    private static let byIdentifier = Dictionary(uniqueKeysWithValues: all.map { ($0.identifier, $0) })

    /// The schema's file identifier.
    public let identifier: String
    private let write: @Sendable (UnsafeRawBufferPointer, inout JSONWriter) throws(SchemaError) -> Void
    private let line: @Sendable (UnsafeRawBufferPointer) throws(SchemaError) -> String
    private let events: @Sendable (UnsafeRawBufferPointer) throws(SchemaError) -> Int?

    private init<View: SchemaView>(_ view: View.Type) {
        identifier = View.identifier
        write = { (bytes, json) throws(SchemaError) in
            let view = try View(bytes)
            json.object { json in
                json.field("schema", View.identifier)
                view.writeFields(to: &json)
            }
        }
        line = { (bytes) throws(SchemaError) in "\(View.identifier) \(try View(bytes).summary)" }
        events = { (bytes) throws(SchemaError) in try View(bytes).eventCount }
    }

    private static func decoder(for bytes: UnsafeRawBufferPointer) throws(SchemaError) -> MessageDecoder {
        let identifier = SchemaIdentifier.of(bytes)
        guard let identifier, let decoder = byIdentifier[identifier] else {
            throw .unknownSchema(identifier: identifier)
        }
        return decoder
    }

    /// The message as one JSON object: `schema`, then its fields under their names in the .fbs file, enumerations and
    /// union tags as words, times also as dates in `<name>_iso`.
    public static func json(_ bytes: UnsafeRawBufferPointer, arrays: JSONArrays) throws(SchemaError) -> String {
        var json = JSONWriter(arrays: arrays)
        try write(bytes, to: &json)
        return json.text
    }

    /// Writes the message into `json` as one value (see `json`); nothing is written if it throws.
    public static func write(
        _ bytes: UnsafeRawBufferPointer, to json: inout JSONWriter
    ) throws(SchemaError) {
        try decoder(for: bytes).write(bytes, &json)
    }

    /// One line for people, such as `ev44 det 1234 events 1 pulse`; for bytes that cannot be decoded it says why.
    public static func summary(_ bytes: UnsafeRawBufferPointer) -> String {
        do throws(SchemaError) {
            return try decoder(for: bytes).line(bytes)
        } catch {
            return "\(bytes.count) bytes: \(error)"
        }
    }

    /// Neutron events in the message; nil if its schema carries none or it cannot be decoded.
    public static func eventCount(_ bytes: UnsafeRawBufferPointer) -> Int? {
        do throws(SchemaError) {
            return try decoder(for: bytes).events(bytes)
        } catch {
            return nil
        }
    }
}
