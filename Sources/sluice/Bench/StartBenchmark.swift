import Glibc
import System

/// From the start of the process to the first answered request: with an empty data directory, and with many partitions
/// after an orderly end and after a kill. And the memory of an idle process.
enum StartBenchmark {
    static let benchmark = Benchmark(name: "start", summary: "process start to first answer, idle memory", run: run)

    private static let timeoutMilliseconds = 10_000
    private static let idleMilliseconds = 1000
    private static let partitionCount = 1000
    private static let recordsPerPartition = 50
    private static let topic = "partitions"

    /// The appliance as a process of its own that has answered a request.
    private struct Started {
        let child: ChildProcess
        let client: KafkaClient
        let milliseconds: Double

        init(data: String) throws {
            let clock = SystemClock()
            let start = clock.monotonicNanoseconds
            child = try ChildProcess([
                "up", "--data", data, "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0",
                "--set", "kafka.listen_also=",
            ])
            client = try KafkaClient(kafkaEndpoint(child))
            try client.askVersions()
            milliseconds = Double(clock.monotonicNanoseconds - start) / 1e6
        }

        func end(_ signal: Int32) {
            child.signal(signal)
            _ = child.wait()
        }
    }

    private static func run(_ context: BenchContext) throws -> [Measurement] {
        let empty = try context.runs { run in
            let folder = "start-\(run)"
            defer { context.remove(folder) }
            let started = try Started(data: context.path(folder))
            try context.pause(milliseconds: idleMilliseconds)
            let memory = try started.child.residentMegabytes()
            started.end(SIGTERM)
            return (milliseconds: started.milliseconds, memory: memory)
        }
        let many = try manyPartitions(context)
        func measurement(_ name: String, _ values: [Double], unit: String = "ms", target: String) -> Measurement {
            Measurement(name, unit: unit, Measurement.median(values), target: target)
        }
        return [
            measurement("start to first answer", empty.map(\.milliseconds), target: "<= 15"),
            measurement("start, \(partitionCount) partitions", many.map(\.orderly), target: "<= 100"),
            measurement("start, \(partitionCount) partitions after kill -9", many.map(\.killed), target: "<= 300"),
            measurement("idle memory", empty.map(\.memory), unit: "MB", target: "<= 20"),
        ]
    }

    /// Starts over partitions that hold records, all closed in order or all with records that were not synced yet.
    private static func manyPartitions(_ context: BenchContext) throws -> [(orderly: Double, killed: Double)] {
        let folder = "start-many"
        defer { context.remove(folder) }
        let data = context.path(folder)
        let filling = try Started(data: data)
        try filling.client.createTopic(topic, partitions: Int32(partitionCount))
        func write(_ client: KafkaClient, records: Int) throws {
            let frames = try (0..<partitionCount).map { partition in
                try KafkaClient.produceFrame(
                    topic: topic, partition: Int32(partition), records: records, recordBytes: 1024, acks: 1)
            }
            try client.produce(frames, count: partitionCount, inFlightMax: 5)
        }
        try write(filling.client, records: recordsPerPartition)
        filling.end(SIGTERM)
        return try context.runs { _ in
            let orderly = try Started(data: data)
            try write(orderly.client, records: 1)
            orderly.end(SIGKILL)
            let killed = try Started(data: data)
            killed.end(SIGTERM)
            return (orderly.milliseconds, killed.milliseconds)
        }
    }

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
