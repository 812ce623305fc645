import FlatBuffers

/// Which process variables a forwarder is to forward (`fc00_forwarder_config.fbs`).
public struct FC00: SchemaView {
    public static let identifier = "fc00"
    /// The most streams in a message.
    public static let streamsMaximum = 100_000

    public static let definition = SchemaDefinition(
        identifier, "which process variables to forward", file: "fc00_forwarder_config.fbs",
        topics: ["_forwarderConfig", "_forwarderStorage"],
        root: TableDefinition(
            "fc00_ConfigUpdate",
            [
                .field(
                    0, "config_change", .enumeration(EnumerationDefinition("UpdateType", .uint16, UpdateType.self)),
                    "what to do with the streams"),
                .field(1, "streams", .tables(stream, maximum: streamsMaximum), "the streams"),
            ]),
        example: #"""
            {"config_change": "ADD", "streams": [{"channel": "IN:DEMO:TEMP", "schema": "f144",
             "topic": "DEMO_sampleEnv", "protocol": "CA", "periodic": 5}]}
            """#)

    private static let stream = TableDefinition(
        "Stream",
        [
            .field(0, "channel", .string, "the process variable"),
            .field(1, "schema", .string, "how its values are written, such as f144"),
            .field(2, "topic", .string, "where they go"),
            .field(
                3, "protocol", .enumeration(EnumerationDefinition("Protocol", .uint16, ForwarderProtocol.self)),
                "how it is read"),
            .field(4, "periodic", .number(.int32), "s after which a value is sent again; 0: never"),
        ])

    /// What to do with the streams.
    public enum UpdateType: UInt16, SchemaEnumeration {
        case add = 0
        case remove = 1
        /// Forward nothing any more.
        case removeAll = 2
        /// Forward these and nothing else.
        case replace = 3

        public static let words = ["ADD", "REMOVE", "REMOVEALL", "REPLACE"]
    }

    /// One process variable, read in place.
    public struct Stream {
        /// How it is read.
        public let `protocol`: ForwarderProtocol
        /// Seconds after which a value is sent again; 0 is never.
        public let periodic: Int32
        private let channelBytes: FlatVector<UInt8>?
        private let schemaBytes: FlatVector<UInt8>?
        private let topicBytes: FlatVector<UInt8>?

        init(table: FlatBufferTable) throws(FlatBufferError) {
            channelBytes = try table.string(0, "channel")
            schemaBytes = try table.string(1, "schema")
            topicBytes = try table.string(2, "topic")
            self.protocol = try table.enumeration(3, "protocol", default: .pva)
            periodic = try table.scalar(4, "periodic", default: 0)
        }

        /// The process variable; nil if absent.
        public var channel: String? { channelBytes?.text }
        /// How its values are written; nil if absent.
        public var schema: String? { schemaBytes?.text }
        /// Where they go; nil if absent.
        public var topic: String? { topicBytes?.text }
    }

    /// One process variable to encode.
    public struct OwnedStream: Sendable, Equatable {
        /// The process variable.
        public var channel: String?
        /// How its values are written, such as `f144`.
        public var schema: String?
        /// Where they go.
        public var topic: String?
        /// How it is read.
        public var `protocol`: ForwarderProtocol
        /// Seconds after which a value is sent again; 0 is never.
        public var periodic: Int32

        /// A stream; what is nil is left out.
        public init(
            channel: String?, schema: String?, topic: String?, protocol: ForwarderProtocol, periodic: Int32 = 0
        ) {
            self.channel = channel
            self.schema = schema
            self.topic = topic
            self.protocol = `protocol`
            self.periodic = periodic
        }

        func add(to builder: inout FlatBufferBuilder) -> FlatOffset {
            let topic: FlatOffset? = builder.string(self.topic)
            let schema: FlatOffset? = builder.string(self.schema)
            let channel: FlatOffset? = builder.string(self.channel)
            builder.startTable(slots: 5)
            builder.add(0, ifPresent: channel)
            builder.add(1, ifPresent: schema)
            builder.add(2, ifPresent: topic)
            builder.add(4, periodic)
            builder.add(3, self.protocol.rawValue)
            return builder.endTable()
        }
    }

    /// What to do with the streams.
    public let configChange: UpdateType
    /// The streams; nil if absent.
    public let streams: [Stream]?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        configChange = try table.enumeration(0, "config_change", default: .add)
        if let tables = try table.tables(1, "streams", maximum: Self.streamsMaximum) {
            var streams: [Stream] = []
            for table in tables { streams.append(try Stream(table: table)) }
            self.streams = streams
        } else {
            streams = nil
        }
    }

    /// Writes a message into `builder`, which is reset first; nil streams are left out.
    public static func encode(
        configChange: UpdateType, streams: [OwnedStream]?, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        var offsets: [FlatOffset] = []
        for stream in streams ?? [] { offsets.append(stream.add(to: &builder)) }
        let all = streams == nil ? nil : builder.vector(offsets)
        builder.startTable(slots: 2)
        builder.add(1, ifPresent: all)
        builder.add(0, configChange.rawValue)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String { "\(configChange.word) \(streams?.count ?? 0) streams" }
}
