import FlatBuffers

/// Neutron events of one source in one pulse, with what a facility adds to them (`ev42_events.fbs`).
public struct EV42: SchemaView {
    public static let identifier = "ev42"

    public static let definition = SchemaDefinition(
        identifier, "neutron events of one source in one pulse", file: "ev42_events.fbs", status: .deprecated,
        topics: ["_events", "_rawEvents"],
        root: TableDefinition(
            "EventMessage",
            [
                .field(0, "source_name", .string, "detector bank or monitor"),
                .field(1, "message_id", .number(.uint64), "counts up for each message of a source"),
                .field(2, "pulse_time", .number(.uint64, time: .nanoseconds), "ns since 1970, when the pulse began"),
                .field(3, "time_of_flight", .numbers(.uint32), "ns from the pulse to each event"),
                .field(4, "detector_id", .numbers(.uint32), "detector of each event"),
                .field(
                    5, "facility_specific_data",
                    .union(UnionDefinition("FacilityData", [ISISData.definition, AdcPulseDebug.definition])),
                    "what the facility adds"),
            ]),
        example: #"""
            {"source_name": "bank1", "message_id": 7, "pulse_time_iso": "2026-11-20T12:00:00Z",
             "time_of_flight": [1500000], "detector_id": [12], "facility_specific_data_type": "ISISData",
             "facility_specific_data": {"period_number": 0, "run_state": "RUNNING", "proton_charge": 0.0002}}
            """#)

    /// What a facility adds to its events.
    public enum FacilityData {
        case isis(ISISData)
        case adcPulseDebug(AdcPulseDebug)
    }

    /// What a facility adds, to encode.
    public enum OwnedFacilityData: Sendable, Equatable {
        case isis(ISISData)
        case adcPulseDebug(AdcPulseDebug.Owned)
    }

    /// UTF-8 bytes of `sourceName`; nil if absent.
    public let sourceNameBytes: FlatVector<UInt8>?
    /// Counts up for each message of a source; a gap means a lost message.
    public let messageID: UInt64
    /// When the pulse began: nanoseconds since the Unix epoch.
    public let pulseTime: UInt64
    /// Nanoseconds from the pulse to each event; nil if absent.
    public let timeOfFlight: FlatVector<UInt32>?
    /// The detector of each event; nil if absent.
    public let detectorID: FlatVector<UInt32>?
    /// What the facility adds; nil if absent.
    public let facilityData: FacilityData?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        sourceNameBytes = try table.string(0, "source_name")
        messageID = try table.scalar(1, "message_id", default: 0)
        pulseTime = try table.scalar(2, "pulse_time", default: 0)
        timeOfFlight = try table.vector(3, "time_of_flight")
        detectorID = try table.vector(4, "detector_id")
        switch try table.union(5, "facility_specific_data") {
        case nil: facilityData = nil
        case (1, let member)?: facilityData = .isis(try ISISData(table: member))
        case (2, let member)?: facilityData = .adcPulseDebug(try AdcPulseDebug(table: member))
        case (let tag, _)?: throw table.failure(.unknownValue(Int(tag)), "facility_specific_data")
        }
    }

    /// Which detector bank or monitor; nil if absent.
    public var sourceName: String? { sourceNameBytes?.text }

    public var eventCount: Int? { timeOfFlight?.count ?? 0 }

    /// Writes a message into `builder`, which is reset first; nil fields are left out.
    public static func encode(
        sourceName: String?, messageID: UInt64, pulseTime: UInt64, timeOfFlight: [UInt32]?, detectorID: [UInt32]?,
        facilityData: OwnedFacilityData? = nil, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let added: (tag: UInt8, table: FlatOffset)? =
            switch facilityData {
            case nil: nil
            case .isis(let data): (1, data.add(to: &builder))
            case .adcPulseDebug(let data): (2, AdcPulseDebug.add(data, to: &builder))
            }
        let source: FlatOffset? = builder.string(sourceName)
        let detectors = detectorID.map { builder.vector($0) }
        let times = timeOfFlight.map { builder.vector($0) }
        builder.startTable(slots: 7)
        builder.add(1, messageID)
        builder.add(2, pulseTime)
        builder.add(0, ifPresent: source)
        builder.add(3, ifPresent: times)
        builder.add(4, ifPresent: detectors)
        if let added { builder.addUnion(5, tag: added.tag, added.table) }
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String {
        let events = timeOfFlight?.count ?? 0
        return "\(sourceName ?? "?") \(events) \(events == 1 ? "event" : "events")"
    }
}
