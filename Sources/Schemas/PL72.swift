import FlatBuffers

/// The order to begin writing a run's file (`pl72_run_start.fbs`).
public struct PL72: SchemaView {
    public static let identifier = "pl72"

    /// When the run began: milliseconds since the Unix epoch.
    public let startTime: UInt64
    /// When it is to end: milliseconds since the Unix epoch; 0 until somebody stops it.
    public let stopTime: UInt64
    /// Number of periods.
    public let nPeriods: UInt32
    /// Which spectrum each detector counts into; nil if absent.
    public let detectorSpectrumMap: DF12?

    private let runNameBytes: FlatVector<UInt8>?
    private let instrumentNameBytes: FlatVector<UInt8>?
    private let nexusStructureBytes: FlatVector<UInt8>?
    private let jobIDBytes: FlatVector<UInt8>?
    private let brokerBytes: FlatVector<UInt8>?
    private let serviceIDBytes: FlatVector<UInt8>?
    private let filenameBytes: FlatVector<UInt8>?
    private let metadataBytes: FlatVector<UInt8>?
    private let controlTopicBytes: FlatVector<UInt8>?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        startTime = try table.scalar(0, "start_time", default: 0)
        stopTime = try table.scalar(1, "stop_time", default: 0)
        runNameBytes = try table.string(2, "run_name")
        instrumentNameBytes = try table.string(3, "instrument_name")
        nexusStructureBytes = try table.string(4, "nexus_structure")
        jobIDBytes = try table.string(5, "job_id")
        brokerBytes = try table.string(6, "broker")
        serviceIDBytes = try table.string(7, "service_id")
        filenameBytes = try table.string(8, "filename")
        nPeriods = try table.scalar(9, "n_periods", default: 1)
        if let map = try table.table(10, "detector_spectrum_map") {
            detectorSpectrumMap = try DF12(table: map)
        } else {
            detectorSpectrumMap = nil
        }
        metadataBytes = try table.string(11, "metadata")
        controlTopicBytes = try table.string(12, "control_topic")
    }

    /// The run's name or number; nil if absent.
    public var runName: String? { runNameBytes?.text }
    /// The instrument; nil if absent.
    public var instrumentName: String? { instrumentNameBytes?.text }
    /// What the file holds, as JSON; nil if absent.
    public var nexusStructure: String? { nexusStructureBytes?.text }
    /// The write job's identifier, a UUID; nil if absent.
    public var jobID: String? { jobIDBytes?.text }
    /// Where the data are, `host:port`; nil if absent.
    public var broker: String? { brokerBytes?.text }
    /// The writer that is meant; nil or empty if any will do.
    public var serviceID: String? { serviceIDBytes?.text }
    /// The file's name; nil if absent.
    public var filename: String? { filenameBytes?.text }
    /// Further facts, as JSON; nil if absent.
    public var metadata: String? { metadataBytes?.text }
    /// The topic for further commands and replies of this job; nil if absent.
    public var controlTopic: String? { controlTopicBytes?.text }

    /// Writes a message into `builder`, which is reset first; nil fields are left out.
    public static func encode(
        startTime: UInt64, stopTime: UInt64 = 0, runName: String?, instrumentName: String?,
        nexusStructure: String?, jobID: String?, broker: String? = nil, serviceID: String? = nil,
        filename: String?, nPeriods: UInt32 = 1, detectorSpectrumMap: DF12.Owned? = nil, metadata: String? = nil,
        controlTopic: String? = nil, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let map = detectorSpectrumMap.map { DF12.add($0, to: &builder) }
        let strings: [(slot: Int, text: String?)] = [
            (2, runName), (3, instrumentName), (4, nexusStructure), (5, jobID), (6, broker), (7, serviceID),
            (8, filename), (11, metadata), (12, controlTopic),
        ]
        var offsets: [(slot: Int, offset: FlatOffset?)] = [(10, map)]
        for (slot, text) in strings { offsets.append((slot, builder.string(text))) }
        builder.startTable(slots: 13)
        builder.add(0, startTime)
        builder.add(1, stopTime)
        for (slot, offset) in offsets { builder.add(slot, ifPresent: offset) }
        builder.add(9, nPeriods)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    /// An encoded message; nil fields are left out.
    public static func encoded(
        startTime: UInt64, stopTime: UInt64 = 0, runName: String?, instrumentName: String?,
        nexusStructure: String?, jobID: String?, broker: String? = nil, serviceID: String? = nil,
        filename: String?, nPeriods: UInt32 = 1, detectorSpectrumMap: DF12.Owned? = nil, metadata: String? = nil,
        controlTopic: String? = nil
    ) -> [UInt8] {
        var builder = FlatBufferBuilder()
        encode(
            startTime: startTime, stopTime: stopTime, runName: runName, instrumentName: instrumentName,
            nexusStructure: nexusStructure, jobID: jobID, broker: broker, serviceID: serviceID, filename: filename,
            nPeriods: nPeriods, detectorSpectrumMap: detectorSpectrumMap, metadata: metadata,
            controlTopic: controlTopic, into: &builder)
        return builder.array
    }

    public func writeFields(to json: inout JSONWriter) {
        json.field("start_time", milliseconds: startTime)
        json.field("stop_time", milliseconds: stopTime)
        json.field("run_name", ifPresent: runName)
        json.field("instrument_name", ifPresent: instrumentName)
        json.field("nexus_structure", ifPresent: nexusStructure)
        json.field("job_id", ifPresent: jobID)
        json.field("broker", ifPresent: broker)
        json.field("service_id", ifPresent: serviceID)
        json.field("filename", ifPresent: filename)
        json.field("n_periods", nPeriods)
        if let detectorSpectrumMap {
            json.key("detector_spectrum_map")
            json.object { detectorSpectrumMap.writeFields(to: &$0) }
        }
        json.field("metadata", ifPresent: metadata)
        json.field("control_topic", ifPresent: controlTopic)
    }

    public var summary: String {
        "start run \(runName ?? "?") on \(instrumentName ?? "?") into \(filename ?? "?")"
            + " from \(CivilTime.iso(milliseconds: startTime) ?? "\(startTime) ms")"
    }
}
