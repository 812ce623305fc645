import FlatBuffers

/// What one schema can do: its description, and its messages to JSON and back.
public struct Schema: Sendable {
    /// What the schema is.
    public let definition: SchemaDefinition
    private let line: @Sendable (UnsafeRawBufferPointer) throws(SchemaError) -> String
    private let events: @Sendable (UnsafeRawBufferPointer) throws(SchemaError) -> Int?

    init<View: SchemaView>(_ view: View.Type) {
        definition = View.definition
        line = { (bytes) throws(SchemaError) in "\(View.identifier) \(try View(bytes).summary)" }
        events = { (bytes) throws(SchemaError) in try View(bytes).eventCount }
    }

    /// The file identifier: four ASCII characters at byte 4.
    public var identifier: String { definition.identifier }

    // MARK: - The table of all schemas

    private static let byIdentifier = Dictionary(uniqueKeysWithValues: all.map { ($0.identifier, $0) })

    /// The schema with this file identifier.
    public static func named(_ identifier: String) -> Schema? { byIdentifier[identifier] }

    /// The schema of the message in `bytes`.
    public static func of(_ bytes: UnsafeRawBufferPointer) throws(SchemaError) -> Schema {
        let identifier = SchemaIdentifier.of(bytes)
        guard let identifier, let schema = byIdentifier[identifier] else {
            throw .unknownSchema(identifier: identifier)
        }
        return schema
    }

    // MARK: - Messages

    /// The root table of a message of this schema.
    func root(_ bytes: UnsafeRawBufferPointer) throws(FlatBufferError) -> FlatBufferTable {
        try FlatBufferTable(root: bytes, identifier: identifier)
    }

    /// What `body` makes of a message's root table, its errors as this schema's.
    func reading<R>(
        _ bytes: UnsafeRawBufferPointer, _ body: (FlatBufferTable) throws(FlatBufferError) -> R
    ) throws(SchemaError) -> R {
        do throws(FlatBufferError) {
            return try body(root(bytes))
        } catch {
            throw .malformed(identifier: identifier, cause: error)
        }
    }

    /// Writes the message into `json` as one object: `schema`, then its fields under their names in the .fbs file.
    /// Nothing is written if it throws.
    public func write(_ bytes: UnsafeRawBufferPointer, to json: inout JSONWriter) throws(SchemaError) {
        try reading(bytes) { (root) throws(FlatBufferError) in
            try MessageJSONWriter.write(definition, root, to: &json)
        }
    }

    /// The message as one JSON object; see `write`.
    public func json(_ bytes: UnsafeRawBufferPointer, arrays: JSONArrays) throws(SchemaError) -> String {
        var json = JSONWriter(arrays: arrays)
        try write(bytes, to: &json)
        return json.text
    }

    /// One line for people, such as `ev44 det 1234 events 1 pulse`.
    public func summary(_ bytes: UnsafeRawBufferPointer) throws(SchemaError) -> String { try line(bytes) }

    /// Neutron or muon events in the message; nil if the schema carries none.
    public func eventCount(_ bytes: UnsafeRawBufferPointer) throws(SchemaError) -> Int? { try events(bytes) }

    /// The message that a JSON object describes, in the form that `write` makes; dates and counts may be left out, and
    /// a date may stand for its time.
    ///
    /// - Throws: for text that is no JSON, and for a field that is missing, unknown, or of the wrong type or size.
    public func encode(json text: String) throws(MessageJSONError) -> [UInt8] {
        let node: JSONNode
        do throws(JSONError) { node = try JSONParser.parse(text) } catch {
            throw MessageJSONError("", "\(error)")
        }
        return try encode(node)
    }

    /// The message that a parsed JSON object describes; see `encode(json:)`.
    public func encode(_ node: JSONNode) throws(MessageJSONError) -> [UInt8] {
        try MessageJSONReader.message(definition, node)
    }
}
