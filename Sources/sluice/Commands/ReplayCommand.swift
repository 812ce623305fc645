import Configuration
import EventSource
import Streams
import System

/// `sluice replay`: a recorded event file as a live run.
enum ReplayCommand {
    static let command = Command(
        "replay", "Streams a recorded event NeXus file as a run.",
        example: "sluice replay SANS2D00012345.nxs --instrument SANS2D --speed 10", operands: "FILE", count: 1...1,
        kinds: [.file],
        flags: BrokerConnection.flags + [
            Flag(
                "--instrument", "-i", value: "NAME", kind: .instrument,
                help: "The instrument, whose name begins the topics (default: the file's)."),
            Flag(
                "--det-spec-map", value: "FILE", kind: .file,
                help: "A detector-spectrum table to announce with the run."),
            Flag("--speed", value: "N|max", help: "Times the recorded speed, or as fast as it goes (default: 1)."),
            Flag(
                "--times", value: "shifted|original", kind: .choice(["shifted", "original"]),
                help: "Move the run to now, or keep its times (default: shifted)."
            ),
            Flag(
                "--number", value: "N", kind: .integer(1...99_999_999), help: "The run's number (default: the file's)."),
            Flag(
                "--structure", value: "FILE", kind: .file,
                help: "NeXus structure of the new file (default: as config/nexus/replay.json)."),
        ], run: run)

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let path = invocation.operands[0]
        guard LocalFileSystem().exists(path) else {
            throw CommandError("\(path) does not exist", code: ExitCode.notFound)
        }
        let template = try Structures.load(invocation["--structure"] ?? "", builtIn: "replay")
        var configuration = ReplayConfiguration(path: path, structureTemplate: template)
        configuration.instrument = invocation["--instrument"]
        configuration.runNumber = try invocation.integer("--number", in: 1...99_999_999)
        configuration.speed = try speed(invocation)
        configuration.times = try times(invocation)
        if let table = invocation["--det-spec-map"] {
            configuration.detectorSpectrumMap = try DetectorSpectrumMapFile.read(table)
        }
        let stop = Signals.stopOnInterrupt()
        // A file that cannot be read is the nearer fault.
        let streams = try BrokerConnection.connect(invocation, isProbed: false)
        defer { streams.close() }
        let done: ReplayProgress
        do throws(EventSourceError) {
            let replay = try NexusReplay(streams: streams, configuration: configuration)
            done = try replay.run(until: stop) { show($0) }
        } catch {
            if case .stream(let cause) = error { try BrokerConnection.translated { throw cause } }
            throw error
        }
        Terminal.clearProgress()
        for notice in done.notices { Terminal.printError("sluice: \(notice)") }
        Terminal.print(
            "\(done.events) events in \(done.pulses) pulses and \(done.logValues) log values sent as run of "
                + "\(done.instrument), file \(done.filename)")
        return done.isComplete ? ExitCode.success : ExitCode.interrupted
    }

    private static func speed(_ invocation: Invocation) throws -> ReplaySpeed {
        guard let text = invocation["--speed"] else { return .recorded }
        if text == "max" { return .asFastAsPossible }
        guard let factor = Units.number(text), (0.001...1e6).contains(factor) else {
            throw CommandError.usage("--speed must be max or a number from 0.001 to 1e6, not \"\(text)\"")
        }
        return .times(factor)
    }

    private static func times(_ invocation: Invocation) throws -> ReplayTimes {
        switch invocation["--times"] ?? "shifted" {
        case "shifted": return .shifted
        case "original": return .original
        case let other: throw CommandError.usage("--times must be shifted or original, not \"\(other)\"")
        }
    }

    private static func show(_ progress: ReplayProgress) {
        Terminal.progress(
            "pulse \(progress.pulses) of \(progress.pulsesTotal), \(Quantity.short(Double(progress.events)))events, "
                + "\(progress.logValues) log values")
    }
}
