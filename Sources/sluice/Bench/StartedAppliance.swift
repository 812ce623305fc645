import Glibc
import System

/// The appliance as a process of its own that has answered a request.
final class StartedAppliance {
    private static let timeoutMilliseconds = 60_000

    private let child: ChildProcess
    /// A client that is connected to it.
    let client: KafkaClient
    /// Where it listens.
    let endpoint: Endpoint
    /// From the start of the process to its first answer.
    let startMilliseconds: Double

    /// Starts `sluice up` with a data directory, and waits for its first answer.
    init(data: String) throws {
        let clock = SystemClock()
        let start = clock.monotonicNanoseconds
        child = try ChildProcess([
            "up", "--data", data, "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", "--set", "kafka.listen_also=",
        ])
        endpoint = try Self.kafkaEndpoint(child)
        client = try KafkaClient(endpoint)
        try client.askVersions()
        startMilliseconds = Double(clock.monotonicNanoseconds - start) / 1e6
    }

    /// Ends it with a signal, and waits for its end.
    func end(_ signal: Int32 = SIGTERM) {
        child.signal(signal)
        _ = child.wait()
    }

    /// Memory that it has resident, bytes.
    func residentBytes() throws -> Double { try child.residentBytes() }

    /// Processor time that it has used, seconds.
    func processorSeconds() throws -> Double { try child.processorSeconds() }

    /// Reads the child's output up to the line `Kafka    HOST:PORT`.
    private static func kafkaEndpoint(_ child: ChildProcess) throws -> Endpoint {
        var lines: [String] = []
        while let line = try child.line(timeoutMilliseconds: timeoutMilliseconds) {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "Kafka", let endpoint = Endpoint(String(words[1])) { return endpoint }
            lines.append(line)
        }
        throw CommandError("the appliance did not start:\n" + lines.joined(separator: "\n"))
    }
}
