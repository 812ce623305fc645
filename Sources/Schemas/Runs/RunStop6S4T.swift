import FlatBuffers

/// The order to end a run's file (`6s4t_run_stop.fbs`).
public struct RunStop6S4T: SchemaView {
    public static let identifier = "6s4t"

    public static let definition = SchemaDefinition(
        identifier, "order to end a run's file", file: "6s4t_run_stop.fbs", topics: ["_runInfo"],
        root: TableDefinition(
            "RunStop",
            [
                .field(
                    0, "stop_time", .number(.uint64, time: .milliseconds), "ms since 1970, when the run ended; 0: now"),
                .field(1, "run_name", .string, "the run's name or number"),
                .field(2, "job_id", .string, "the write job, a UUID"),
                .field(3, "service_id", .string, "the writer that is meant; empty: any"),
                .field(4, "command_id", .string, "this command, a UUID that the reply carries"),
            ]),
        example: #"""
            {"stop_time_iso": "2026-11-20T12:30:00Z", "run_name": "1234",
             "job_id": "0b7d8a44-7c2f-4b5e-9f3e-3f6f0f6d2a11", "command_id": "5f0c9a6e-2f1b-4a34-8b58-5d4a0c7e9b21"}
            """#)

    /// When the run ended: milliseconds since the Unix epoch; 0 is "now".
    public let stopTime: UInt64
    private let runNameBytes: FlatVector<UInt8>?
    private let jobIDBytes: FlatVector<UInt8>?
    private let serviceIDBytes: FlatVector<UInt8>?
    private let commandIDBytes: FlatVector<UInt8>?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        stopTime = try table.scalar(0, "stop_time", default: 0)
        runNameBytes = try table.string(1, "run_name")
        jobIDBytes = try table.string(2, "job_id")
        serviceIDBytes = try table.string(3, "service_id")
        commandIDBytes = try table.string(4, "command_id")
    }

    /// The run's name or number; nil if absent.
    public var runName: String? { runNameBytes?.text }
    /// The write job that is meant; nil if absent.
    public var jobID: String? { jobIDBytes?.text }
    /// The writer that is meant; nil or empty if any will do.
    public var serviceID: String? { serviceIDBytes?.text }
    /// This command's own identifier, which the reply carries; nil if absent.
    public var commandID: String? { commandIDBytes?.text }

    /// Writes a message into `builder`, which is reset first; nil fields are left out.
    public static func encode(
        stopTime: UInt64, runName: String?, jobID: String?, serviceID: String? = nil, commandID: String? = nil,
        into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let command: FlatOffset? = builder.string(commandID)
        let service: FlatOffset? = builder.string(serviceID)
        let job: FlatOffset? = builder.string(jobID)
        let run: FlatOffset? = builder.string(runName)
        builder.startTable(slots: 5)
        builder.add(0, stopTime)
        builder.add(1, ifPresent: run)
        builder.add(2, ifPresent: job)
        builder.add(3, ifPresent: service)
        builder.add(4, ifPresent: command)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    /// An encoded message; nil fields are left out.
    public static func encoded(
        stopTime: UInt64, runName: String?, jobID: String?, serviceID: String? = nil, commandID: String? = nil
    ) -> [UInt8] {
        var builder = FlatBufferBuilder()
        encode(
            stopTime: stopTime, runName: runName, jobID: jobID, serviceID: serviceID, commandID: commandID,
            into: &builder)
        return builder.array
    }

    public var summary: String {
        let time = stopTime == 0 ? "now" : "at \(CivilTime.iso(milliseconds: stopTime) ?? "\(stopTime) ms")"
        return "stop run \(runName ?? "?") \(time)"
    }
}
