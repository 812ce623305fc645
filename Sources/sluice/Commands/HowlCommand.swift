import EventSource
import Streams
import System

/// `sluice howl`: saluki's synthetic runs.
enum HowlCommand {
    static let flags = [
        Flag(
            "--events-per-message", "-e", value: "N", kind: .integer(0...10_000_000),
            help: "Events in an ev44 (default: 100)."),
        Flag(
            "--messages-per-frame", "-m", value: "N", kind: .integer(0...1_000_000),
            help: "ev44 in a frame (default: 20)."),
        Flag(
            "--frames-per-second", "-f", value: "HZ", kind: .number(0.001...100_000),
            help: "Frames a second (default: 1)."),
        Flag(
            "--frames-per-run", value: "N", kind: .integer(0...Int.max),
            help: "Frames after which a new run begins; 0 never (default: 0)."),
        Flag("--tof-peak", value: "NS", kind: .number(-1e9...1e9), help: "Mean time of flight, in ns (default: 1e7)."),
        Flag(
            "--tof-sigma", value: "NS", kind: .number(0...1e9),
            help: "Deviation of the times of flight, in ns (default: 2e6)."),
        Flag("--det-min", value: "N", kind: .integer(0...10_000_000), help: "The smallest detector (default: 0)."),
        Flag("--det-max", value: "N", kind: .integer(0...10_000_000), help: "The largest detector (default: 1000)."),
        Flag(
            "--veto-probability", value: "P", kind: .number(0...1), help: "Share of vetoed frames (default: 0)."),
        Flag(
            "--frames", value: "N", kind: .integer(1...Int.max),
            help: "End after so many frames (default: at Ctrl-C)."),
        Flag(
            "--seed", value: "N", kind: .integer(0...Int.max), help: "The same seed makes the same events (default: 1)."
        ),
    ]

    static let command = Command(
        "howl", "Sends made-up runs of random events, as saluki does: ev44 and pu00, pl72 and 6s4t.",
        details: "Events go to PREFIX_rawEvents, runs to PREFIX_runInfo. Ctrl-C ends the run and the command.",
        example: "sluice howl TEST --frames-per-second 10 --events-per-message 1000 --frames-per-run 100",
        operands: "PREFIX", count: 1...1, kinds: [.instrument], flags: BrokerConnection.flags + flags
    ) { invocation in
        let streams = try BrokerConnection.connect(invocation)
        defer { streams.close() }
        return try run(invocation, streams, prefix: invocation.operands[0])
    }

    /// Howls as the flags say.
    static func run(_ invocation: Invocation, _ streams: any Streams, prefix: String) throws -> Int32 {
        var configuration = Howl.Configuration(prefix: prefix)
        func set(_ flag: String, _ apply: (Int) -> Void) throws {
            if let value = try invocation.integer(flag, in: 0...Int.max) { apply(value) }
        }
        func set(real flag: String, _ apply: (Double) -> Void) throws {
            if let value = try invocation.number(flag, in: -1e18...1e18) { apply(value) }
        }
        try set("--events-per-message") { configuration.eventsPerMessage = $0 }
        try set("--messages-per-frame") { configuration.messagesPerFrame = $0 }
        try set(real: "--frames-per-second") { configuration.framesPerSecond = $0 }
        try set("--frames-per-run") { configuration.framesPerRun = $0 }
        try set(real: "--tof-peak") { configuration.peakNanoseconds = $0 }
        try set(real: "--tof-sigma") { configuration.sigmaNanoseconds = $0 }
        try set("--det-min") { configuration.firstDetector = Int32($0) }
        try set("--det-max") { configuration.lastDetector = Int32($0) }
        try set(real: "--veto-probability") { configuration.vetoProbability = $0 }
        try set("--frames") { configuration.frames = $0 }
        try set("--seed") { configuration.seed = UInt64($0) }
        let stop = Signals.stopOnInterrupt()
        do throws(EventSourceError) {
            let howl = try Howl(streams: streams, configuration: configuration)
            announce(howl, configuration)
            var last = Howl.Progress()
            try howl.run(until: stop) { progress in
                last = progress
                if progress.behindMilliseconds > 1000 {
                    Terminal.progress("\(progress.behindMilliseconds) ms behind schedule")
                } else {
                    Terminal.progress("\(progress.frames) frames, \(Quantity.short(Double(progress.events)))events")
                }
            }
            Terminal.clearProgress()
            Terminal.printError("sent \(last.frames) frames, \(last.events) events, \(last.runs) runs")
        } catch {
            switch error {
            case .stream(let cause): try BrokerConnection.translated { throw cause }
            case .invalidConfiguration: throw CommandError.usage("\(error)")
            case .unreadable: throw error
            }
        }
        return stop.isRequested ? ExitCode.interrupted : ExitCode.success
    }

    private static func announce(_ howl: Howl, _ configuration: Howl.Configuration) {
        let (pulse, events) = howl.messageBytes
        let rate = Double(pulse + configuration.messagesPerFrame * events) * configuration.framesPerSecond
        Terminal.printError(
            "Attempting to simulate data rate: \(Rate.text(8 * rate / 1_048_576)) Mbit/s "
                + "(\(Rate.text(rate / 1_048_576)) MiB/s)")
        Terminal.printError("Each pu00 is \(pulse) bytes")
        Terminal.printError("Each ev44 is \(events) bytes")
    }
}
