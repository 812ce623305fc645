import FlatBuffers

/// Neutron events as in `EV44`, each with a weight (`an44_events.fbs`, used at ANSTO).
public struct AN44: SchemaView {
    public static let identifier = "an44"

    public static let definition = SchemaDefinition(
        identifier, "neutron events with weights, by pulse", file: "an44_events.fbs", topics: ["_events"],
        root: TableDefinition(
            "an44_EventMessage",
            [
                .required(0, "source_name", .string, "detector bank or monitor"),
                .field(1, "message_id", .number(.int64), "counts up for each message of a source"),
                .required(
                    2, "reference_time", .numbers(.int64, time: .nanoseconds), "ns since 1970, when each pulse began"),
                .required(3, "reference_time_index", .numbers(.int32), "index of each pulse's first event"),
                .field(4, "time_of_flight", .numbers(.int32), "ns from its pulse to each event; may be negative"),
                .field(5, "pixel_id", .numbers(.int32), "pixel of each event; empty for a source with one pixel"),
                .field(6, "weight", .numbers(.int16), "weight of each event"),
            ]),
        example: #"""
            {"source_name": "bank1", "message_id": 7, "reference_time_iso": ["2026-11-20T12:00:00Z"],
             "reference_time_index": [0], "time_of_flight": [1500000, 1600000], "pixel_id": [12, 13],
             "weight": [1, 2]}
            """#)

    /// UTF-8 bytes of `sourceName`.
    public let sourceNameBytes: FlatVector<UInt8>
    /// Counts up for each message of a source; a gap means a lost message.
    public let messageID: Int64
    /// When each pulse began: nanoseconds since the Unix epoch.
    public let referenceTime: FlatVector<Int64>
    /// Index of each pulse's first event, as the sender wrote it.
    public let referenceTimeIndex: FlatVector<Int32>
    /// Nanoseconds from its pulse to each event; may be negative; nil if absent.
    public let timeOfFlight: FlatVector<Int32>?
    /// The pixel of each event; nil if absent, empty for a source with only one pixel.
    public let pixelID: FlatVector<Int32>?
    /// The weight of each event; nil if absent.
    public let weight: FlatVector<Int16>?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        sourceNameBytes = try table.requiredString(0, "source_name")
        messageID = try table.scalar(1, "message_id", default: 0)
        referenceTime = try table.requiredVector(2, "reference_time")
        referenceTimeIndex = try table.requiredVector(3, "reference_time_index")
        timeOfFlight = try table.vector(4, "time_of_flight")
        pixelID = try table.vector(5, "pixel_id")
        weight = try table.vector(6, "weight")
    }

    /// Which detector bank or monitor.
    public var sourceName: String { sourceNameBytes.text }

    public var eventCount: Int? { timeOfFlight?.count ?? 0 }

    /// Writes a message into `builder`, which is reset first; nil vectors are left out.
    public static func encode(
        sourceName: String, messageID: Int64, referenceTime: [Int64], referenceTimeIndex: [Int32],
        timeOfFlight: [Int32]?, pixelID: [Int32]?, weight: [Int16]?, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let source: FlatOffset = builder.string(sourceName)
        let weights = weight.map { builder.vector($0) }
        let pixels = pixelID.map { builder.vector($0) }
        let times = timeOfFlight.map { builder.vector($0) }
        let indexes = builder.vector(referenceTimeIndex)
        let pulses = builder.vector(referenceTime)
        builder.startTable(slots: 7)
        builder.add(1, messageID)
        builder.add(0, source)
        builder.add(2, pulses)
        builder.add(3, indexes)
        builder.add(4, ifPresent: times)
        builder.add(5, ifPresent: pixels)
        builder.add(6, ifPresent: weights)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String {
        let (events, pulses) = (timeOfFlight?.count ?? 0, referenceTime.count)
        return "\(sourceName) \(events) \(events == 1 ? "event" : "events")"
            + " \(pulses) \(pulses == 1 ? "pulse" : "pulses")"
    }
}
