import Bytes
import Observability
import RunControl
import Schemas
import Streams
import System

/// `sluice run start|stop|status`: runs by hand, on any broker.
enum RunCommands {
    private static let instrumentFlag = Flag(
        "--instrument", "-i", value: "NAME", kind: .instrument,
        help: "The instrument (default: DEMO); its topics begin with this name.")

    static let all = [
        Command(
            "run start", "Announces a run (pl72), so that a file is written.",
            example: "sluice run start --instrument LARMOR --title Silicon",
            flags: BrokerConnection.flags + [
                instrumentFlag,
                Flag("--title", value: "TEXT", help: "The measurement's title."),
                Flag(
                    "--number", value: "N", kind: .integer(RunIdentity.runNumbers),
                    help: "The run's number (default: the last one's and 1)."),
                Flag(
                    "--structure", value: "FILE", kind: .file,
                    help: "NeXus structure of the file (default: as config/nexus/demo.json)."),
            ], run: start),
        Command(
            "run stop", "Announces the end of the run (6s4t).", example: "sluice run stop --instrument LARMOR",
            flags: BrokerConnection.flags + [instrumentFlag], run: stop),
        Command(
            "run status", "Shows the active or the last run.", example: "sluice run status --instrument LARMOR",
            flags: BrokerConnection.flags + [instrumentFlag, Table.formatFlag], run: status),
    ]

    private static func instrument(_ invocation: Invocation) -> String { invocation["--instrument"] ?? "DEMO" }

    private static func start(_ invocation: Invocation) throws -> Int32 {
        let streams = try BrokerConnection.connect(invocation)
        defer { streams.close() }
        let instrument = instrument(invocation)
        let number = try invocation.integer("--number", in: RunIdentity.runNumbers)
        let template = StructureTemplate(try Structures.load(invocation["--structure"] ?? "", builtIn: "demo"))
        let last = try current(streams, instrument)
        if let last, last.isRunning, let run = last.run {
            throw CommandError("\(instrument) has run \(run.runNumber) active; `sluice run stop` ends it")
        }
        let now = SystemClock().wallMilliseconds
        let run = RunIdentity(
            instrument: instrument, runNumber: number ?? (last?.run?.runNumber ?? 0) + 1, jobID: UUID.random(),
            title: invocation["--title"] ?? "", startTimeMilliseconds: now)
        try BrokerConnection.translated {
            let variables = try SampleEnvironment.processVariables(instrument: instrument, streams: streams)
            let details = RunMessages.Details(
                structure: try RunMessages.structure(
                    of: run, template: template, processVariables: variables),
                metadata: RunMessages.metadata(of: run))
            try RunMessages.start(run, details, streams: streams, nowMilliseconds: now)
        }
        Terminal.print("run \(run.runNumber) of \(instrument) started, file \(run.filename)")
        return ExitCode.success
    }

    private static func stop(_ invocation: Invocation) throws -> Int32 {
        let streams = try BrokerConnection.connect(invocation)
        defer { streams.close() }
        let instrument = instrument(invocation)
        guard let status = try current(streams, instrument), status.isRunning, let run = status.run else {
            throw CommandError("\(instrument) has no active run")
        }
        let now = SystemClock().wallMilliseconds
        try BrokerConnection.translated {
            try RunMessages.stop(run, stopTimeMilliseconds: now, streams: streams, nowMilliseconds: now)
        }
        Terminal.print("run \(run.runNumber) of \(instrument) stopped")
        return ExitCode.success
    }

    private static func status(_ invocation: Invocation) throws -> Int32 {
        let streams = try BrokerConnection.connect(invocation)
        defer { streams.close() }
        let instrument = instrument(invocation)
        guard let status = try current(streams, instrument), let run = status.run else {
            throw CommandError("\(instrument) has had no run", code: ExitCode.notFound)
        }
        if invocation["--format"] == "json" {
            var json = JSONWriter()
            json.object { json in
                json.field("instrument", instrument)
                json.field("run", run.runNumber)
                json.field("running", status.isRunning)
                json.field("title", run.title)
                json.field("file", run.filename)
                json.field("start", milliseconds: UInt64(max(0, run.startTimeMilliseconds)))
                json.field("stop", orNull: status.stopTimeMilliseconds)
            }
            Terminal.print(json.text)
        } else {
            let state = status.isRunning ? "active" : "ended"
            let since = Log.timestamp(run.startTimeMilliseconds * 1_000_000)
            Terminal.print("run \(run.runNumber) of \(instrument): \(state), started \(since), file \(run.filename)")
        }
        return ExitCode.success
    }

    /// What the run topic says; nil when there is no such topic.
    private static func current(_ streams: any Streams, _ instrument: String) throws -> RunStatus? {
        try BrokerConnection.translated {
            guard try streams.topic(RunIdentity.topic(instrument)) != nil else { return nil }
            return try RunMessages.status(instrument: instrument, streams: streams)
        }
    }
}
