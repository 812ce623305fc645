import System

/// From the start of the process to the first answered request, with an empty data directory; then its idle memory.
enum StartBenchmark {
    static let benchmark = Benchmark(name: "start", summary: "process start to first answer", run: run)

    private static let timeoutMilliseconds = 10_000
    private static let idleMilliseconds = 1000

    private static func run(_ context: BenchContext) throws -> [Measurement] {
        let runs = try context.runs { run in
            let folder = "start-\(run)"
            defer { context.remove(folder) }
            let clock = SystemClock()
            let start = clock.monotonicNanoseconds
            let child = try ChildProcess([
                "up", "--data", context.path(folder), "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0",
                "--set", "kafka.listen_also=",
            ])
            let endpoint = try kafkaEndpoint(child)
            try KafkaClient(endpoint).askVersions()
            let answered = clock.monotonicNanoseconds
            try context.pause(milliseconds: idleMilliseconds)
            let memory = try child.residentMegabytes()
            child.terminate()
            _ = child.wait()
            return (milliseconds: Double(answered - start) / 1e6, memory: memory)
        }
        return [
            Measurement(
                "start to first answer", unit: "ms", Measurement.median(runs.map(\.milliseconds)), target: "<= 15"),
            Measurement("idle memory", unit: "MB", Measurement.median(runs.map(\.memory)), target: "<= 20"),
        ]
    }

    /// Reads the child's output up to the line `Kafka    HOST:PORT`.
    static func kafkaEndpoint(_ child: ChildProcess) throws -> Endpoint {
        var lines: [String] = []
        while let line = try child.line(timeoutMilliseconds: timeoutMilliseconds) {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "Kafka", let endpoint = Endpoint(String(words[1])) { return endpoint }
            lines.append(line)
        }
        throw CommandError("the appliance did not start:\n" + lines.joined(separator: "\n"))
    }
}
