import FlatBuffers

/// Any JSON text, such as a run's metadata (`json_json.fbs`).
public struct JSON: SchemaView {
    public static let identifier = "json"

    public static let definition = SchemaDefinition(
        identifier, "any JSON text", file: "json_json.fbs", topics: ["_runInfo"],
        root: TableDefinition("JsonData", [.field(0, "json", .string, "the text")]),
        example: #"{"json": "{\"title\": \"a run\"}"}"#)

    private let textBytes: FlatVector<UInt8>?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        textBytes = try table.string(0, "json")
    }

    /// The text; nil if absent.
    public var text: String? { textBytes?.text }

    /// Writes a message into `builder`, which is reset first.
    public static func encode(_ text: String?, into builder: inout FlatBufferBuilder) {
        builder.reset()
        let offset: FlatOffset? = builder.string(text)
        builder.startTable(slots: 1)
        builder.add(0, ifPresent: offset)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String {
        guard let textBytes else { return "?" }
        return textBytes.count <= 80 ? textBytes.text : textBytes.view(0..<80).text + "..."
    }
}
