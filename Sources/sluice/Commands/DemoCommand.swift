import Configuration
import EventSource
import Forwarder
import Observability
import RunControl
import System

/// `sluice demo`: one run of a simulated instrument, from the beam to a checked NeXus file.
enum DemoCommand {
    static let command = Command(
        "demo", "Everything at once: one run of a simulated instrument, ending in a checked NeXus file.",
        example: "sluice demo --duration 20s --rate 1e6",
        flags: [
            Flag("--duration", value: "DURATION", kind: .duration, help: "How long the run lasts (default: 20s)."),
            Flag("--rate", value: "EVENTS", help: "Events a second, up to 2e7 (default: 1e6)."),
            Flag("--pulse-rate", value: "HZ", help: "Pulses a second (default: 10)."),
            Flag("--seed", value: "N", help: "The same seed gives the same events (default: 1)."),
            Flag(
                "--instrument", value: "NAME", help: "The instrument's name, which prefixes its topics (default: DEMO)."
            ),
        ] + UpCommand.applianceFlags, run: run)

    private static let own =
        UpCommand.own + [
            (key: "source.rate", flag: "--rate"), (key: "source.pulse_rate", flag: "--pulse-rate"),
            (key: "source.seed", flag: "--seed"), (key: "source.instrument", flag: "--instrument"),
        ]
    /// How long the file writer may take after the run has ended, in ms, beside the run's own length.
    private static let finishMilliseconds = 60_000
    private static let progressMilliseconds = 500

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let duration = try invocation.milliseconds("--duration") ?? 20_000
        let configuration = try ConfigCommands.load(
            invocation, own: own, fixed: UpCommand.simulation, usual: [("log.level", "warning")])
        let stop = Signals.stopOnInterrupt()
        let appliance = try UpCommand.start(configuration)
        defer { appliance.stop() }
        Terminal.print(appliance.addresses)
        return try oneRun(appliance, durationMilliseconds: duration, stop)
    }

    private static func oneRun(_ appliance: Appliance, durationMilliseconds: Int, _ stop: StopSignal) throws -> Int32 {
        let instrument = appliance.configuration.text("source.instrument")
        let controller = try RunController(
            streams: appliance.streams, instrument: instrument, directory: appliance.runDirectory,
            template: try Structures.load(appliance.configuration.text("run.structure"), builtIn: "demo"),
            metrics: appliance.metrics)
        if controller.status().isRunning { try controller.stop() }
        let variables = SimulatedPV.standardSet(instrument: instrument).map(\.name)
        let run = try controller.start(
            RunController.Request(title: "Simulated powder diffraction", processVariables: variables))
        appliance.serve(instrument)
        let watch = try RunWatch(appliance.streams, run)
        defer { watch.close() }
        let simulation = try Simulation(appliance)
        Terminal.print("Run      \(run.runNumber) of \(instrument), for \(Double(durationMilliseconds) / 1000) s")
        let progress = DemoProgress(appliance, watch)
        let deadline = SystemClock().monotonicNanoseconds + UInt64(durationMilliseconds) * 1_000_000
        while SystemClock().monotonicNanoseconds < deadline {
            let rest = Int((deadline - min(deadline, SystemClock().monotonicNanoseconds)) / 1_000_000)
            if stop.wait(milliseconds: min(progressMilliseconds, rest + 1)) { break }
            progress.show()
        }
        try controller.stop()
        simulation.end()
        let outcome = try watch.finished(milliseconds: finishMilliseconds + durationMilliseconds) { progress.show() }
        Terminal.clearProgress()
        guard let outcome else {
            throw CommandError("the file writer did not finish run \(run.runNumber) in time", code: ExitCode.timedOut)
        }
        guard !outcome.hasFailed else {
            throw CommandError("the file of run \(run.runNumber) failed: \(outcome.message)")
        }
        let check = try FileCheck(outcome.file)
        Terminal.print(progress.summary)
        Terminal.print(
            "File     \(outcome.file): \(check.eventCount) events in \(check.pulseCount) pulses, "
                + "\(check.monitorEventCount) of monitors, checked")
        return stop.isRequested ? ExitCode.interrupted : ExitCode.success
    }
}
