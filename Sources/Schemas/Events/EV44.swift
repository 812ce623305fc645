import FlatBuffers

/// Neutron events of one source, in one or several pulses (`ev44_events.fbs`).
public struct EV44: SchemaView {
    public static let identifier = "ev44"

    public static let definition = SchemaDefinition(
        identifier, "neutron events of one source, by pulse", file: "ev44_events.fbs", topics: ["_events"],
        root: TableDefinition(
            "Event44Message",
            [
                .required(0, "source_name", .string, "detector bank or monitor"),
                .field(1, "message_id", .number(.int64), "counts up for each message of a source"),
                .required(
                    2, "reference_time", .numbers(.int64, time: .nanoseconds), "ns since 1970, when each pulse began"),
                .required(3, "reference_time_index", .numbers(.int32), "index of each pulse's first event"),
                .field(4, "time_of_flight", .numbers(.int32), "ns from its pulse to each event; may be negative"),
                .field(5, "pixel_id", .numbers(.int32), "pixel of each event; empty for a source with one pixel"),
            ]),
        example: #"""
            {"source_name": "bank1", "message_id": 7, "reference_time_iso": ["2026-11-20T12:00:00Z"],
             "reference_time_index": [0], "time_of_flight": [1500000, 1600000], "pixel_id": [12, 13]}
            """#)

    /// UTF-8 bytes of `sourceName`.
    public let sourceNameBytes: FlatVector<UInt8>
    /// Counts up for each message of a source; a gap means a lost message.
    public let messageID: Int64
    /// When each pulse began: nanoseconds since the Unix epoch.
    public let referenceTime: FlatVector<Int64>
    /// Index of each pulse's first event; as the sender wrote it, see `eventRange(ofPulse:)`.
    public let referenceTimeIndex: FlatVector<Int32>
    /// Nanoseconds from the pulse to each event; may be negative; nil if absent.
    public let timeOfFlight: FlatVector<Int32>?
    /// The pixel of each event; nil if absent, empty for a source with only one pixel.
    public let pixelID: FlatVector<Int32>?

    @inlinable
    public init(table: FlatBufferTable) throws(FlatBufferError) {
        sourceNameBytes = try table.requiredString(0, "source_name")
        messageID = try table.scalar(1, "message_id", default: 0)
        referenceTime = try table.requiredVector(2, "reference_time")
        referenceTimeIndex = try table.requiredVector(3, "reference_time_index")
        timeOfFlight = try table.vector(4, "time_of_flight")
        pixelID = try table.vector(5, "pixel_id")
    }

    /// Which detector bank or monitor.
    public var sourceName: String { sourceNameBytes.text }

    /// Number of pulses.
    @inlinable public var pulseCount: Int { referenceTime.count }

    /// Number of events: times of flight.
    @inlinable public var events: Int { timeOfFlight?.count ?? 0 }

    public var eventCount: Int? { events }

    /// Which events belong to pulse `pulse`: from its index to the next pulse's.
    ///
    /// A sender's indexes may be anything, so they are cut to the events that there are; a pulse without an index, or
    /// whose index is behind the next one's, has no events.
    @inlinable
    public func eventRange(ofPulse pulse: Int) -> Range<Int> {
        precondition(pulse >= 0 && pulse < pulseCount, "no such pulse")
        guard pulse < referenceTimeIndex.count else { return events..<events }
        let first = min(max(Int(referenceTimeIndex[pulse]), 0), events)
        guard pulse + 1 < referenceTimeIndex.count, pulse + 1 < pulseCount else { return first..<events }
        let end = min(max(Int(referenceTimeIndex[pulse + 1]), 0), events)
        return first..<max(first, end)
    }

    /// Writes a message into `builder`, which is reset first; nil vectors are left out.
    @inlinable
    public static func encode(
        sourceName: String, messageID: Int64, referenceTime: [Int64], referenceTimeIndex: [Int32],
        timeOfFlight: UnsafeBufferPointer<Int32>?, pixelID: UnsafeBufferPointer<Int32>?,
        into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        builder.reserve(
            4 * ((timeOfFlight?.count ?? 0) + (pixelID?.count ?? 0)) + 12 * referenceTime.count
                + sourceName.utf8.count + 128)
        let source: FlatOffset = builder.string(sourceName)
        let pixels = pixelID.map { builder.vector($0) }
        let times = timeOfFlight.map { builder.vector($0) }
        let indexes = builder.vector(referenceTimeIndex)
        let pulses = builder.vector(referenceTime)
        builder.startTable(slots: 6)
        builder.add(1, messageID)
        builder.add(0, source)
        builder.add(2, pulses)
        builder.add(3, indexes)
        builder.add(4, ifPresent: times)
        builder.add(5, ifPresent: pixels)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    /// Writes a message into `builder`, which is reset first; nil vectors are left out.
    @inlinable
    public static func encode(
        sourceName: String, messageID: Int64, referenceTime: [Int64], referenceTimeIndex: [Int32],
        timeOfFlight: [Int32]?, pixelID: [Int32]?, into builder: inout FlatBufferBuilder
    ) {
        // An empty buffer pointer stands in for nil only inside the closures: presence is decided by the arrays.
        (timeOfFlight ?? []).withUnsafeBufferPointer { times in
            (pixelID ?? []).withUnsafeBufferPointer { pixels in
                encode(
                    sourceName: sourceName, messageID: messageID, referenceTime: referenceTime,
                    referenceTimeIndex: referenceTimeIndex, timeOfFlight: timeOfFlight == nil ? nil : times,
                    pixelID: pixelID == nil ? nil : pixels, into: &builder)
            }
        }
    }

    /// An encoded message; nil vectors are left out.
    public static func encoded(
        sourceName: String, messageID: Int64, referenceTime: [Int64], referenceTimeIndex: [Int32],
        timeOfFlight: [Int32]?, pixelID: [Int32]?
    ) -> [UInt8] {
        var builder = FlatBufferBuilder()
        encode(
            sourceName: sourceName, messageID: messageID, referenceTime: referenceTime,
            referenceTimeIndex: referenceTimeIndex, timeOfFlight: timeOfFlight, pixelID: pixelID, into: &builder)
        return builder.array
    }

    public var summary: String {
        let pulses = pulseCount == 1 ? "1 pulse" : "\(pulseCount) pulses"
        return "\(sourceName) \(events) \(events == 1 ? "event" : "events") \(pulses)"
    }
}
