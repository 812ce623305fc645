import FlatBuffers

/// What tells `RF5K` and `FC00` apart.
public protocol ForwarderConfigurationFormat: SchemaFormat {
    /// The changes that the schema knows.
    static var changes: [ForwarderChange] { get }
    /// Whether a stream says after which time its value is sent again.
    static var hasPeriod: Bool { get }
}

/// What a forwarder is to do with the streams of a message.
public enum ForwarderChange: UInt16, SchemaEnumeration {
    case add = 0
    case remove = 1
    /// Forward nothing any more.
    case removeAll = 2
    /// Forward these and nothing else; only in `FC00`.
    case replace = 3

    public static let words = ["ADD", "REMOVE", "REMOVEALL", "REPLACE"]
}

/// Which process variables a forwarder is to forward: what `RF5K` and `FC00` have in common.
public struct ForwarderConfiguration<Format: ForwarderConfigurationFormat>: SchemaView {
    public static var identifier: String { Format.identifier }
    public static var definition: SchemaDefinition { Format.definition }
    /// The most streams in a message.
    public static var streamsMaximum: Int { 100_000 }

    /// The root table.
    static func root(_ table: String) -> TableDefinition {
        let changes = EnumerationDefinition(
            "UpdateType", .uint16, ForwarderChange.self, words: Format.changes.map(\.word))
        var stream: [FieldDefinition] = [
            .field(0, "channel", .string, "the process variable"),
            .field(1, "schema", .string, "how its values are written, such as f144"),
            .field(2, "topic", .string, "where they go"),
            .field(
                3, "protocol", .enumeration(EnumerationDefinition("Protocol", .uint16, ForwarderProtocol.self)),
                "how it is read"),
        ]
        if Format.hasPeriod {
            stream.append(.field(4, "periodic", .number(.int32), "s after which a value is sent again; 0: never"))
        }
        return TableDefinition(
            table,
            [
                .field(0, "config_change", .enumeration(changes), "what to do with the streams"),
                .field(
                    1, "streams", .tables(TableDefinition("Stream", stream), maximum: streamsMaximum), "the streams"),
            ])
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
            periodic = Format.hasPeriod ? try table.scalar(4, "periodic", default: 0) : 0
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
        /// Seconds after which a value is sent again; 0 is never, and all that `RF5K` has.
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
            precondition(periodic == 0 || Format.hasPeriod, "\(Format.identifier) has no periodic streams")
            let topic: FlatOffset? = builder.string(self.topic)
            let schema: FlatOffset? = builder.string(self.schema)
            let channel: FlatOffset? = builder.string(self.channel)
            builder.startTable(slots: 5)
            builder.add(0, ifPresent: channel)
            builder.add(1, ifPresent: schema)
            builder.add(2, ifPresent: topic)
            if Format.hasPeriod { builder.add(4, periodic) }
            builder.add(3, self.protocol.rawValue)
            return builder.endTable()
        }
    }

    /// What to do with the streams.
    public let configChange: ForwarderChange
    /// The streams; nil if absent.
    public let streams: [Stream]?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        configChange = try table.enumeration(0, "config_change", default: .add)
        guard Format.changes.contains(configChange) else {
            throw table.failure(.unknownValue(Int(configChange.rawValue)), "config_change")
        }
        if let tables = try table.tables(1, "streams", maximum: Self.streamsMaximum) {
            var streams: [Stream] = []
            for table in tables { streams.append(try Stream(table: table)) }
            self.streams = streams
        } else {
            streams = nil
        }
    }

    /// Writes a message into `builder`, which is reset first; nil streams are left out. The schema must know the change.
    public static func encode(
        configChange: ForwarderChange, streams: [OwnedStream]?, into builder: inout FlatBufferBuilder
    ) {
        precondition(Format.changes.contains(configChange), "\(identifier) has no \(configChange.word)")
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
