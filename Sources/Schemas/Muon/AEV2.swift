import FlatBuffers

/// Muon events of one frame, put together from all digitizers (`aev2_frame_assembled_event_v2.fbs`).
public struct AEV2: SchemaView {
    public static let identifier = "aev2"

    public static let definition = SchemaDefinition(
        identifier, "muon events of one frame", file: "aev2_frame_assembled_event_v2.fbs", topics: ["_events"],
        root: TableDefinition(
            "FrameAssembledEventListMessage",
            [
                .required(0, "metadata", .table(FrameMetadataV2.definition), "the frame"),
                .field(1, "time", .numbers(.uint32), "ns from the frame to each event"),
                .field(2, "voltage", .numbers(.uint16), "height of each event, in the digitizers' units"),
                .field(3, "channel", .numbers(.uint32), "channel of each event"),
                .field(4, "complete", .bool, "whether all digitizers' events are there"),
                .field(5, "digitizers_present", .numbers(.uint8), "the digitizers whose events are there"),
            ]),
        example: #"""
            {\#(FrameMetadataV2.example), "time": [1, 2], "voltage": [3, 4], "channel": [5, 6], "complete": true,
             "digitizers_present": [1]}
            """#)

    /// The frame.
    public let metadata: FrameMetadataV2
    /// Nanoseconds from the frame to each event; nil if absent.
    public let time: FlatVector<UInt32>?
    /// Height of each event, in the digitizers' units; nil if absent.
    public let voltage: FlatVector<UInt16>?
    /// Channel of each event; nil if absent.
    public let channel: FlatVector<UInt32>?
    /// Whether all digitizers' events are there.
    public let complete: Bool
    /// The digitizers whose events are there; nil if absent.
    public let digitizersPresent: FlatVector<UInt8>?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        metadata = try FrameMetadataV2(in: table, 0)
        time = try table.vector(1, "time")
        voltage = try table.vector(2, "voltage")
        channel = try table.vector(3, "channel")
        complete = try table.bool(4, "complete")
        digitizersPresent = try table.vector(5, "digitizers_present")
    }

    public var eventCount: Int? { time?.count ?? 0 }

    /// Writes a message into `builder`, which is reset first; nil vectors are left out.
    public static func encode(
        metadata: FrameMetadataV2, time: [UInt32]?, voltage: [UInt16]?, channel: [UInt32]?, complete: Bool,
        digitizersPresent: [UInt8]?, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let digitizers = digitizersPresent.map { builder.vector($0) }
        let channels = channel.map { builder.vector($0) }
        let voltages = voltage.map { builder.vector($0) }
        let times = time.map { builder.vector($0) }
        let frame = metadata.add(to: &builder)
        builder.startTable(slots: 6)
        builder.add(0, frame)
        builder.add(1, ifPresent: times)
        builder.add(2, ifPresent: voltages)
        builder.add(3, ifPresent: channels)
        builder.add(5, ifPresent: digitizers)
        builder.add(4, complete)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String {
        "\(time?.count ?? 0) events \(complete ? "complete" : "incomplete") \(metadata.summary)"
    }
}
