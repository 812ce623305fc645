import FlatBuffers

/// The order to begin writing a run's file (`pl72_run_start.fbs`).
public struct PL72: SchemaView {
    public static let identifier = "pl72"

    public static let definition = SchemaDefinition(
        identifier, "order to begin a run's file", file: "pl72_run_start.fbs", topics: ["_runInfo"],
        root: TableDefinition(
            "RunStart",
            [
                .field(0, "start_time", .number(.uint64, time: .milliseconds), "ms since 1970, when the run began"),
                .field(1, "stop_time", .number(.uint64, time: .milliseconds), "ms since 1970; 0 until it is stopped"),
                .field(2, "run_name", .string, "the run's name or number"),
                .field(3, "instrument_name", .string, "the instrument"),
                .field(4, "nexus_structure", .string, "what the file holds, JSON"),
                .field(5, "job_id", .string, "the write job, a UUID"),
                .field(6, "broker", .string, "where the data are, host:port"),
                .field(7, "service_id", .string, "the writer that is meant; empty: any"),
                .field(8, "filename", .string, "the file's name"),
                .field(9, "n_periods", .number(.uint32, absent: 1), "number of periods"),
                .field(
                    10, "detector_spectrum_map", .table(DF12.definition.root),
                    "which spectrum each detector counts into"),
                .field(11, "metadata", .string, "further facts, JSON"),
                .field(12, "control_topic", .string, "topic of further commands and replies"),
            ]),
        example: #"""
            {"start_time_iso": "2026-11-20T12:00:00Z", "run_name": "1234", "instrument_name": "DEMO",
             "nexus_structure": "{\"children\": []}", "job_id": "0b7d8a44-7c2f-4b5e-9f3e-3f6f0f6d2a11",
             "broker": "127.0.0.1:9092", "filename": "DEMO00001234.nxs", "n_periods": 1}
            """#)

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

    public var summary: String {
        "start run \(runName ?? "?") on \(instrumentName ?? "?") into \(filename ?? "?")"
            + " from \(CivilTime.iso(milliseconds: startTime) ?? "\(startTime) ms")"
    }
}
