import ClusterStreams
import Streams
import System

/// What becomes of the speed of one client, one partition, one consumer when there are many, and records of 1 MB through
/// a real client.
enum ScaleBenchmark {
    static let benchmark = Benchmark(
        name: "scale", summary: "16 clients, 1000 partitions, 4 consumers, records of 1 MB", run: run)

    private static let inFlightMax = 5

    private static func run(_ context: BenchContext) throws -> [Measurement] {
        let broker = try LocalBroker(context)
        defer { broker.stop() }
        return try [
            clients(context, broker, partitions: 1), clients(context, broker, partitions: clientCount),
            partitions(context, broker), consumers(context, broker), largeRecords(context, broker),
        ]
    }

    // MARK: - Clients that wait for the disk

    private static let clientCount = 16
    private static let operations = 1000

    /// Requests of 4 KiB, acks=all, one at a time from each client: what group commit saves within a partition, and
    /// over several.
    private static func clients(
        _ context: BenchContext, _ broker: LocalBroker, partitions: Int
    ) throws -> Measurement {
        let topic = "clients-\(partitions)"
        try broker.createTopic(topic, partitions: Int32(partitions))
        let frames = try (0..<partitions).map { partition in
            try KafkaClient.produceFrame(
                topic: topic, partition: Int32(partition), records: 4, recordBytes: 1024, acks: -1)
        }
        let endpoint = broker.endpoint
        func rate(_ count: Int) throws -> Double {
            let took = try inParallel(count) { client in
                try KafkaClient(endpoint).produce(
                    frames[client % partitions], count: operations, inFlightMax: 1)
            }
            return Double(count * operations) / took
        }
        let runs = try context.runs { _ in
            let one = try rate(1)
            return (measured: try rate(clientCount), limit: one)
        }
        return Measurement(
            "\(clientCount) clients, 4 KiB, acks=all" + (partitions > 1 ? ", a partition each" : ""), unit: "req/s",
            runs: runs, limit: "one client", target: ">= 4")
    }

    // MARK: - Partitions

    private static let partitionCount = 1000
    private static let batches = 8000

    /// Batches of 32 KiB over many partitions in turn.
    private static func partitions(_ context: BenchContext, _ broker: LocalBroker) throws -> Measurement {
        func frame(_ topic: String, _ partition: Int) throws -> [UInt8] {
            try KafkaClient.produceFrame(
                topic: topic, partition: Int32(partition), records: 32, recordBytes: 1024, acks: 1)
        }
        func speed(_ topic: String, partitions: Int) throws -> Double {
            try broker.createTopic(topic, partitions: Int32(partitions))
            let frames = try (0..<partitions).map { try frame(topic, $0) }
            let client = try KafkaClient(broker.endpoint)
            let took = try seconds { try client.produce(frames, count: batches, inFlightMax: inFlightMax) }
            try broker.deleteTopic(topic)
            return Double(batches * 32 * 1024) / took / 1e6
        }
        let runs = try context.runs { run in
            let one = try speed("partition-\(run)", partitions: 1)
            return (measured: try speed("partitions-\(run)", partitions: partitionCount), limit: one)
        }
        return Measurement(
            "\(partitionCount) partitions, 32 KiB", unit: "MB/s", runs: runs, limit: "one partition", target: ">= 0.8")
    }

    // MARK: - Consumers

    private static let consumerCount = 4
    private static let consumedBatches = 128
    private static let passes = 4

    /// Consumers that each read all of a topic out of the page cache, in sum.
    private static func consumers(_ context: BenchContext, _ broker: LocalBroker) throws -> Measurement {
        try broker.createTopic("consumers")
        let records = ProduceBenchmark.records
        let frame = try KafkaClient.produceFrame(
            topic: "consumers", records: records, recordBytes: ProduceBenchmark.recordBytes, acks: 1)
        try KafkaClient(broker.endpoint).produce(frame, count: consumedBatches, inFlightMax: 1)
        let endpoint = broker.endpoint
        func speed(_ count: Int) throws -> Double {
            let took = try inParallel(count) { _ in
                let client = try KafkaClient(endpoint)
                for _ in 0..<passes {
                    _ = try client.fetch(
                        topic: "consumers", endOffset: Int64(consumedBatches * records),
                        recordsPerBatch: Int64(records), bytesMax: 1 << 20, inFlightMax: 3)
                }
            }
            return Double(count * passes * consumedBatches * records * ProduceBenchmark.recordBytes) / took / 1e6
        }
        let runs = try context.runs { _ in
            let one = try speed(1)
            return (measured: try speed(consumerCount), limit: one)
        }
        return Measurement(
            "\(consumerCount) consumers in sum", unit: "MB/s", runs: runs, limit: "one consumer", target: ">= 0.8")
    }

    // MARK: - Large records

    /// What the facility measured its brokers with: 1 MiB less the overhead of a batch.
    private static let largeRecordBytes = 1_047_576
    private static let largeRecords = 400

    /// Records of 1 MB through librdkafka, acks=1, linger 50 ms, batches of 1 MiB.
    private static func largeRecords(_ context: BenchContext, _ broker: LocalBroker) throws -> Measurement {
        let value = Buffer(largeRecordBytes)
        let runs = try context.runs { run in
            let totalBytes = largeRecords * largeRecordBytes
            let limit = try IngestLimit.bytesPerSecond(context, totalBytes: totalBytes, syncs: false)
            let topic = "large-\(run)"
            try broker.createTopic(topic)
            let streams = try ClusterStreams(
                bootstrapServers: "\(broker.endpoint)",
                properties: ["max.in.flight.requests.per.connection": "\(inFlightMax)"])
            defer { streams.close() }
            let producer = try streams.makeProducer(
                ProducerOptions(acknowledgement: .written, lingerMilliseconds: 50, batchBytes: 1 << 20))
            defer { producer.close() }
            let took = try seconds {
                for _ in 0..<largeRecords {
                    try producer.send(
                        topic: topic, partition: 0, key: nil, value: value.readOnly, headers: [],
                        timestampMilliseconds: nil, delivered: nil)
                }
                try producer.flush(timeoutMilliseconds: 60_000)
            }
            try broker.deleteTopic(topic)
            return (measured: Double(totalBytes) / took / 1e6, limit: limit / 1e6)
        }
        return Measurement(
            "records of 1 MB by librdkafka", unit: "MB/s", runs: runs, limit: "ingest", target: ">= 0.5")
    }

    /// Seconds that `count` threads take that all do `body`, each told its number.
    private static func inParallel(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws -> Double {
        let failure = Condition<(any Error)?>(nil)
        let took = seconds {
            let threads = (0..<count).map { number in
                Thread("bench-\(number)") {
                    do {
                        try body(number)
                    } catch {
                        failure.update { $0 = error }
                    }
                }
            }
            for thread in threads { thread.join() }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        return took
    }
}
