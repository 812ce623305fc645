import FlatBuffers

/// Neutron events of one source, in one or several pulses, with unsigned numbers (`ev43_events.fbs`).
public struct EV43: SchemaView {
    public static let identifier = "ev43"

    public static let definition = SchemaDefinition(
        identifier, "neutron events of one source, by pulse", file: "ev43_events.fbs", status: .deprecated,
        topics: ["_events"],
        root: TableDefinition(
            "Event43Message",
            [
                .field(0, "source_name", .string, "detector bank or monitor"),
                .field(1, "message_id", .number(.uint64), "counts up for each message of a source"),
                .field(2, "pulse_time", .numbers(.uint64, time: .nanoseconds), "ns since 1970, when each pulse began"),
                .field(3, "pulse_index", .numbers(.uint32), "index of each pulse's first event"),
                .field(4, "time_of_flight", .numbers(.uint32), "ns from its pulse to each event"),
                .field(5, "detector_id", .numbers(.uint32), "detector of each event"),
            ]),
        example: #"""
            {"source_name": "bank1", "message_id": 7, "pulse_time_iso": ["2026-11-20T12:00:00Z"], "pulse_index": [0],
             "time_of_flight": [1500000, 1600000], "detector_id": [12, 13]}
            """#)

    /// UTF-8 bytes of `sourceName`; nil if absent.
    public let sourceNameBytes: FlatVector<UInt8>?
    /// Counts up for each message of a source; a gap means a lost message.
    public let messageID: UInt64
    /// When each pulse began: nanoseconds since the Unix epoch; nil if absent.
    public let pulseTime: FlatVector<UInt64>?
    /// Index of each pulse's first event, as the sender wrote it; nil if absent.
    public let pulseIndex: FlatVector<UInt32>?
    /// Nanoseconds from its pulse to each event; nil if absent.
    public let timeOfFlight: FlatVector<UInt32>?
    /// The detector of each event; nil if absent.
    public let detectorID: FlatVector<UInt32>?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        sourceNameBytes = try table.string(0, "source_name")
        messageID = try table.scalar(1, "message_id", default: 0)
        pulseTime = try table.vector(2, "pulse_time")
        pulseIndex = try table.vector(3, "pulse_index")
        timeOfFlight = try table.vector(4, "time_of_flight")
        detectorID = try table.vector(5, "detector_id")
    }

    /// Which detector bank or monitor; nil if absent.
    public var sourceName: String? { sourceNameBytes?.text }

    public var eventCount: Int? { timeOfFlight?.count ?? 0 }

    /// Writes a message into `builder`, which is reset first; nil fields are left out.
    public static func encode(
        sourceName: String?, messageID: UInt64, pulseTime: [UInt64]?, pulseIndex: [UInt32]?, timeOfFlight: [UInt32]?,
        detectorID: [UInt32]?, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let source: FlatOffset? = builder.string(sourceName)
        let detectors = detectorID.map { builder.vector($0) }
        let times = timeOfFlight.map { builder.vector($0) }
        let indexes = pulseIndex.map { builder.vector($0) }
        let pulses = pulseTime.map { builder.vector($0) }
        builder.startTable(slots: 6)
        builder.add(1, messageID)
        builder.add(0, ifPresent: source)
        builder.add(2, ifPresent: pulses)
        builder.add(3, ifPresent: indexes)
        builder.add(4, ifPresent: times)
        builder.add(5, ifPresent: detectors)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String {
        let (events, pulses) = (timeOfFlight?.count ?? 0, pulseTime?.count ?? 0)
        return "\(sourceName ?? "?") \(events) \(events == 1 ? "event" : "events")"
            + " \(pulses) \(pulses == 1 ? "pulse" : "pulses")"
    }
}
