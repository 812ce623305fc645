import FlatBuffers

/// A readout system's data as they came over the network (`ar51_readout_data.fbs`).
public struct AR51: SchemaView {
    public static let identifier = "ar51"

    public static let definition = SchemaDefinition(
        identifier, "raw data of a readout system", file: "ar51_readout_data.fbs", topics: ["_rawEvents"],
        root: TableDefinition(
            "RawReadoutMessage",
            [
                .required(0, "source_name", .string, "the readout system"),
                .field(1, "message_id", .number(.int64), "counts up for each message of a source"),
                .field(2, "raw_data", .numbers(.uint8), "the packet, byte by byte"),
            ]),
        example: #"{"source_name": "readout", "message_id": 4, "raw_data": [0, 1, 254, 255]}"#)

    /// UTF-8 bytes of `sourceName`.
    public let sourceNameBytes: FlatVector<UInt8>
    /// Counts up for each message of a source.
    public let messageID: Int64
    /// The packet; nil if absent.
    public let rawData: FlatVector<UInt8>?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        sourceNameBytes = try table.requiredString(0, "source_name")
        messageID = try table.scalar(1, "message_id", default: 0)
        rawData = try table.vector(2, "raw_data")
    }

    /// The readout system.
    public var sourceName: String { sourceNameBytes.text }

    /// Writes a message into `builder`, which is reset first; nil fields are left out.
    public static func encode(
        sourceName: String, messageID: Int64, rawData: [UInt8]?, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let data = rawData.map { builder.vector($0) }
        let source: FlatOffset = builder.string(sourceName)
        builder.startTable(slots: 3)
        builder.add(1, messageID)
        builder.add(0, source)
        builder.add(2, ifPresent: data)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String { "\(sourceName) \(rawData?.count ?? 0) bytes" }
}
