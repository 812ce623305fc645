import FlatBuffers

/// Muon events that one digitizer saw in one frame (`dev2_digitizer_event_v2.fbs`).
public struct DEV2: SchemaView {
    public static let identifier = "dev2"

    public static let definition = SchemaDefinition(
        identifier, "muon events of one digitizer in one frame", file: "dev2_digitizer_event_v2.fbs",
        topics: ["_digitizerEvents"],
        root: TableDefinition(
            "DigitizerEventListMessage",
            [
                .field(0, "digitizer_id", .number(.uint8), "the digitizer"),
                .required(1, "metadata", .table(FrameMetadataV2.definition), "the frame"),
                .field(2, "time", .numbers(.uint32), "ns from the frame to each event"),
                .field(3, "voltage", .numbers(.uint16), "height of each event, in the digitizer's units"),
                .field(4, "channel", .numbers(.uint32), "channel of each event"),
            ]),
        example:
            #"{"digitizer_id": 1, \#(FrameMetadataV2.example), "time": [1, 2], "voltage": [3, 4], "channel": [5, 6]}"#
    )

    /// The digitizer.
    public let digitizerID: UInt8
    /// The frame.
    public let metadata: FrameMetadataV2
    /// Nanoseconds from the frame to each event; nil if absent.
    public let time: FlatVector<UInt32>?
    /// Height of each event, in the digitizer's units; nil if absent.
    public let voltage: FlatVector<UInt16>?
    /// Channel of each event; nil if absent.
    public let channel: FlatVector<UInt32>?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        digitizerID = try table.scalar(0, "digitizer_id", default: 0)
        metadata = try FrameMetadataV2(in: table, 1)
        time = try table.vector(2, "time")
        voltage = try table.vector(3, "voltage")
        channel = try table.vector(4, "channel")
    }

    public var eventCount: Int? { time?.count ?? 0 }

    /// Writes a message into `builder`, which is reset first; nil vectors are left out.
    public static func encode(
        digitizerID: UInt8, metadata: FrameMetadataV2, time: [UInt32]?, voltage: [UInt16]?, channel: [UInt32]?,
        into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let channels = channel.map { builder.vector($0) }
        let voltages = voltage.map { builder.vector($0) }
        let times = time.map { builder.vector($0) }
        let frame = metadata.add(to: &builder)
        builder.startTable(slots: 5)
        builder.add(1, frame)
        builder.add(2, ifPresent: times)
        builder.add(3, ifPresent: voltages)
        builder.add(4, ifPresent: channels)
        builder.add(0, digitizerID)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String { "digitizer \(digitizerID) \(time?.count ?? 0) events \(metadata.summary)" }
}
