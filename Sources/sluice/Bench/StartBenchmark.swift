import Glibc
import System

/// From the start of the process to the first answered request: with an empty data directory, with many partitions after
/// an orderly end and after a kill, and after a kill with much data.
enum StartBenchmark {
    static let benchmark = Benchmark(name: "start", summary: "process start to first answer", run: run)

    private static let partitionCount = 1000
    private static let recordsPerPartition = 50
    private static let filledBytes = 8 << 30
    /// What is written before each kill.
    private static let newBytes = 64 << 20
    private static let topic = "start"

    private static func run(_ context: BenchContext) throws -> [Measurement] {
        let empty = try context.runs { run in
            let folder = "start-\(run)"
            defer { context.remove(folder) }
            let started = try StartedAppliance(data: context.path(folder))
            started.end()
            return started.startMilliseconds
        }
        let many = try manyPartitions(context)
        let filled = try muchData(context)
        func measurement(_ name: String, _ values: [Double], target: String) -> Measurement {
            Measurement(name, unit: "ms", Measurement.median(values), target: target)
        }
        return [
            measurement("start to first answer", empty, target: "<= 15"),
            measurement("start, \(partitionCount) partitions", many.map(\.orderly), target: "<= 100"),
            measurement("start, \(partitionCount) partitions after kill -9", many.map(\.killed), target: "<= 300"),
            measurement("start, \(filledBytes >> 30) GiB after kill -9", filled, target: "<= 300"),
        ]
    }

    /// Starts over partitions that hold records: all closed in order, then each with a record that was not synced yet.
    private static func manyPartitions(_ context: BenchContext) throws -> [(orderly: Double, killed: Double)] {
        let folder = "start-many"
        defer { context.remove(folder) }
        let data = context.path(folder)
        func write(_ client: KafkaClient, records: Int) throws {
            let frames = try (0..<partitionCount).map { partition in
                try KafkaClient.produceFrame(
                    topic: topic, partition: Int32(partition), records: records, recordBytes: 1024, acks: 1)
            }
            try client.produce(frames, count: partitionCount, inFlightMax: 5)
        }
        let filling = try StartedAppliance(data: data)
        try filling.client.createTopic(topic, partitions: Int32(partitionCount))
        try write(filling.client, records: recordsPerPartition)
        filling.end()
        return try context.runs { _ in
            let orderly = try StartedAppliance(data: data)
            try write(orderly.client, records: 1)
            orderly.end(SIGKILL)
            let killed = try StartedAppliance(data: data)
            killed.end()
            return (orderly.startMilliseconds, killed.startMilliseconds)
        }
    }

    /// Starts over one large partition whose end may not have reached the disk.
    private static func muchData(_ context: BenchContext) throws -> [Double] {
        let folder = "start-filled"
        defer { context.remove(folder) }
        let data = context.path(folder)
        let frame = try KafkaClient.produceFrame(
            topic: topic, records: ProduceBenchmark.records, recordBytes: ProduceBenchmark.recordBytes, acks: 1)
        var running = try StartedAppliance(data: data)
        try running.client.createTopic(topic, partitions: 1)
        try running.client.produce(frame, count: filledBytes / frame.count, inFlightMax: 5)
        return try context.runs { _ in
            try running.client.produce(frame, count: newBytes / frame.count, inFlightMax: 5)
            running.end(SIGKILL)
            running = try StartedAppliance(data: data)
            return running.startMilliseconds
        }
    }
}
