import Broker
import Configuration
import Console
import EventSource
import System

/// `sluice up`: the appliance until it is told to end.
enum UpCommand {
    static let applianceFlags =
        ConfigCommands.flags + [
            Flag("--data", "-d", value: "DIR", kind: .directory, help: "Data directory (default: storage)."),
            Flag(
                "--listen", value: "HOST:PORT",
                help: "Kafka address (default: 127.0.0.1:9092); port 0 takes a free one."),
            Flag("--console", value: "HOST:PORT", help: "Console address (default: 127.0.0.1:8080)."),
        ]
    static let own = [
        (key: "data.directory", flag: "--data"), (key: "kafka.listen", flag: "--listen"),
        (key: "console.listen", flag: "--console"),
    ]

    /// The settings that switch the simulated instrument and process variables on.
    static let simulation = [(key: "source.enabled", value: "true"), (key: "forwarder.simulate", value: "true")]

    static let command = Command(
        "up", "Runs the appliance, as configured, until Ctrl-C.",
        example: "sluice up --data /var/lib/sluice --simulate",
        flags: applianceFlags + [
            Flag("--simulate", help: "Also the simulated instrument and simulated process variables.")
        ], run: run)

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let stop = Signals.stopOnInterrupt()
        let fixed = invocation.has("--simulate") ? simulation : []
        let appliance = try start(ConfigCommands.load(invocation, own: own, fixed: fixed))
        let simulation = try Simulation(appliance)
        Terminal.print(appliance.addresses)
        Terminal.print("ready; Ctrl-C ends it")
        _ = stop.wait(milliseconds: nil)
        simulation.end()
        appliance.stop()
        return ExitCode.success
    }

    /// Starts the appliance; what it says when it cannot becomes the command's error.
    static func start(_ configuration: Configuration) throws -> Appliance {
        do {
            return try Appliance(configuration)
        } catch let error as BrokerError {
            throw CommandError("\(error)")
        } catch let error as ConsoleError {
            throw CommandError("\(error)")
        } catch let error as SystemError {
            throw CommandError("\(error)")
        }
    }
}
