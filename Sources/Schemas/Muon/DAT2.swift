import FlatBuffers

/// What a muon digitizer's channels measured in one frame, sample by sample (`dat2_digitizer_analog_trace_v2.fbs`).
public struct DAT2: SchemaView {
    public static let identifier = "dat2"
    /// The most channels of a digitizer.
    public static let channelsMaximum = 10_000

    public static let definition = SchemaDefinition(
        identifier, "a muon digitizer's samples in one frame", file: "dat2_digitizer_analog_trace_v2.fbs",
        topics: ["_traces"],
        root: TableDefinition(
            "DigitizerAnalogTraceMessage",
            [
                .field(0, "digitizer_id", .number(.uint8), "the digitizer"),
                .required(1, "metadata", .table(FrameMetadataV2.definition), "the frame"),
                .field(2, "sample_rate", .number(.uint64), "samples a second"),
                .field(
                    3, "channels",
                    .tables(
                        TableDefinition(
                            "ChannelTrace",
                            [
                                .field(0, "channel", .number(.uint32), "the channel"),
                                .field(1, "voltage", .numbers(.uint16), "its samples, in the digitizer's units"),
                            ]), maximum: channelsMaximum), "the channels"),
            ]),
        example: #"""
            {"digitizer_id": 1, \#(FrameMetadataV2.example), "sample_rate": 1000000000,
             "channels": [{"channel": 4, "voltage": [10, 12, 900, 30]}]}
            """#)

    /// A channel's samples, read in place.
    public struct Trace {
        /// The channel.
        public let channel: UInt32
        /// Its samples, in the digitizer's units; nil if absent.
        public let voltage: FlatVector<UInt16>?
    }

    /// A channel's samples, to encode.
    public struct OwnedTrace: Sendable, Equatable {
        /// The channel.
        public var channel: UInt32
        /// Its samples, in the digitizer's units.
        public var voltage: [UInt16]

        /// Samples of one channel.
        public init(channel: UInt32, voltage: [UInt16]) {
            self.channel = channel
            self.voltage = voltage
        }
    }

    /// The digitizer.
    public let digitizerID: UInt8
    /// The frame.
    public let metadata: FrameMetadataV2
    /// Samples a second.
    public let sampleRate: UInt64
    /// The channels; nil if absent.
    public let channels: [Trace]?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        digitizerID = try table.scalar(0, "digitizer_id", default: 0)
        metadata = try FrameMetadataV2(in: table, 1)
        sampleRate = try table.scalar(2, "sample_rate", default: 0)
        if let tables = try table.tables(3, "channels", maximum: Self.channelsMaximum) {
            var traces: [Trace] = []
            for table in tables {
                traces.append(
                    Trace(
                        channel: try table.scalar(0, "channel", default: 0), voltage: try table.vector(1, "voltage")))
            }
            channels = traces
        } else {
            channels = nil
        }
    }

    /// Writes a message into `builder`, which is reset first.
    public static func encode(
        digitizerID: UInt8, metadata: FrameMetadataV2, sampleRate: UInt64, channels: [OwnedTrace],
        into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        var offsets: [FlatOffset] = []
        for trace in channels {
            let samples = builder.vector(trace.voltage)
            builder.startTable(slots: 2)
            builder.add(0, trace.channel)
            builder.add(1, samples)
            offsets.append(builder.endTable())
        }
        let traces = builder.vector(offsets)
        let frame = metadata.add(to: &builder)
        builder.startTable(slots: 4)
        builder.add(2, sampleRate)
        builder.add(1, frame)
        builder.add(3, traces)
        builder.add(0, digitizerID)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String { "digitizer \(digitizerID) \(channels?.count ?? 0) channels \(metadata.summary)" }
}
