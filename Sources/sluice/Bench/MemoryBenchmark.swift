import System

/// Memory of a process that does nothing, and what each connection and each partition adds to it.
enum MemoryBenchmark {
    static let benchmark = Benchmark(name: "memory", summary: "idle, for a connection, for a partition", run: run)

    private static let idleMilliseconds = 1000
    private static let connectionCount = 1000
    /// So many come and go first: what the allocator takes for the first ones is nobody's share.
    private static let earlierConnections = 50
    private static let partitionCount = 1000

    private static func run(_ context: BenchContext) throws -> [Measurement] {
        let runs = try context.runs { run in
            let folder = "memory-\(run)"
            defer { context.remove(folder) }
            let started = try StartedAppliance(data: context.path(folder))
            defer { started.end() }
            try context.pause(milliseconds: idleMilliseconds)
            let idle = try started.residentBytes()
            for _ in 0..<earlierConnections { try KafkaClient(started.endpoint).askVersions() }
            func added(_ count: Int, _ body: () throws -> Void) throws -> Double {
                let before = try started.residentBytes()
                try body()
                return (try started.residentBytes() - before) / Double(count) / 1024
            }
            var clients: [KafkaClient] = []
            let connection = try added(connectionCount) {
                for _ in 0..<connectionCount {
                    clients.append(try KafkaClient(started.endpoint))
                    try clients.last?.askVersions()
                }
            }
            let partition = try added(partitionCount) {
                try started.client.createTopic("partitions", partitions: Int32(partitionCount))
                let frames = try (0..<partitionCount).map { partition in
                    try KafkaClient.produceFrame(
                        topic: "partitions", partition: Int32(partition), records: 1, recordBytes: 100, acks: 1)
                }
                try started.client.produce(frames, count: partitionCount, inFlightMax: 5)
            }
            return (idle: idle / 1e6, connection: connection, partition: partition)
        }
        func measurement(_ name: String, _ unit: String, _ values: [Double], target: String) -> Measurement {
            Measurement(name, unit: unit, Measurement.median(values), target: target)
        }
        return [
            measurement("idle memory", "MB", runs.map(\.idle), target: "<= 20"),
            measurement("memory of a connection", "KiB", runs.map(\.connection), target: "<= 8"),
            measurement("memory of a partition", "KiB", runs.map(\.partition), target: "<= 8"),
        ]
    }
}
