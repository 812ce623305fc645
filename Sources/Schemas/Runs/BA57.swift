import FlatBuffers

/// A run's begin or end, the oldest form (`ba57_run_info.fbs`).
public struct BA57: SchemaView {
    public static let identifier = "ba57"

    public static let definition = SchemaDefinition(
        identifier, "a run's begin or end", file: "ba57_run_info.fbs", status: .obsolete, topics: ["_runInfo"],
        root: TableDefinition(
            "RunInfo",
            [
                .field(
                    0, "info_type",
                    .union(
                        UnionDefinition(
                            "InfoTypes",
                            [
                                TableDefinition(
                                    "RunStart",
                                    [
                                        .field(
                                            0, "start_time", .number(.uint64, time: .nanoseconds),
                                            "ns since 1970, when the run began"),
                                        .field(1, "run_number", .number(.int32), "the run"),
                                        .field(2, "instrument_name", .string, "the instrument"),
                                        .field(3, "n_periods", .number(.int32), "number of periods"),
                                    ]),
                                TableDefinition(
                                    "RunStop",
                                    [
                                        .field(
                                            0, "stop_time", .number(.uint64, time: .nanoseconds),
                                            "ns since 1970, when the run ended"),
                                        .field(1, "run_number", .number(.int32), "the run"),
                                    ]),
                            ])), "begin or end")
            ]),
        example: #"""
            {"info_type_type": "RunStart", "info_type": {"start_time_iso": "2026-11-20T12:00:00Z", "run_number": 1234,
             "instrument_name": "DEMO", "n_periods": 1}}
            """#)

    /// What happened.
    public enum Info: Sendable, Equatable {
        /// A run began; nanoseconds since the Unix epoch.
        case start(time: UInt64, runNumber: Int32, instrumentName: String?, nPeriods: Int32)
        /// A run ended; nanoseconds since the Unix epoch.
        case stop(time: UInt64, runNumber: Int32)
    }

    /// What happened; nil if absent.
    public let info: Info?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        switch try table.union(0, "info_type") {
        case nil: info = nil
        case (1, let start)?:
            info = .start(
                time: try start.scalar(0, "start_time", default: 0),
                runNumber: try start.scalar(1, "run_number", default: 0),
                instrumentName: try start.string(2, "instrument_name")?.text,
                nPeriods: try start.scalar(3, "n_periods", default: 0))
        case (2, let stop)?:
            info = .stop(
                time: try stop.scalar(0, "stop_time", default: 0),
                runNumber: try stop.scalar(1, "run_number", default: 0))
        case (let tag, _)?: throw table.failure(.unknownValue(Int(tag)), "info_type")
        }
    }

    /// Writes a message into `builder`, which is reset first; nil fields are left out.
    public static func encode(_ info: Info, into builder: inout FlatBufferBuilder) {
        builder.reset()
        let (tag, member): (UInt8, FlatOffset)
        switch info {
        case .start(let time, let runNumber, let instrumentName, let nPeriods):
            let name: FlatOffset? = builder.string(instrumentName)
            builder.startTable(slots: 4)
            builder.add(0, time)
            builder.add(1, runNumber)
            builder.add(2, ifPresent: name)
            builder.add(3, nPeriods)
            (tag, member) = (1, builder.endTable())
        case .stop(let time, let runNumber):
            builder.startTable(slots: 2)
            builder.add(0, time)
            builder.add(1, runNumber)
            (tag, member) = (2, builder.endTable())
        }
        builder.startTable(slots: 2)
        builder.addUnion(0, tag: tag, member)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String {
        switch info {
        case nil: "?"
        case .start(_, let runNumber, let instrumentName, _): "start run \(runNumber) on \(instrumentName ?? "?")"
        case .stop(_, let runNumber): "stop run \(runNumber)"
        }
    }
}
