import ClusterStreams
import Streams
import System

/// Records of 100 bytes through a real client, against the same client with a broker that keeps nothing.
enum SmallRecordsBenchmark {
    static let benchmark = Benchmark(name: "small", summary: "records of 100 bytes by librdkafka", run: run)

    private static let records = 1_000_000
    private static let recordBytes = 100
    /// As many as a topic of the mock has.
    private static let partitionCount: Int32 = 4

    private static func run(_ context: BenchContext) throws -> [Measurement] {
        defer { context.remove("small") }
        let started = try StartedAppliance(data: context.path("small"))
        defer { started.end() }
        let runs = try context.runs { run in
            let topic = "small-\(run)"
            // librdkafka's own broker, in memory: what the client can do.
            let limit = try perSecond("mock", properties: ["test.mock.num.brokers": "1"], topic)
            try started.client.createTopic(topic, partitions: partitionCount)
            let before = try started.processorSeconds()
            let measured = try perSecond("\(started.endpoint)", properties: [:], topic)
            return (measured: measured, limit: limit, processor: try started.processorSeconds() - before)
        }
        return [
            Measurement(
                "records of 100 bytes by librdkafka", unit: "M/s",
                runs: runs.map { ($0.measured / 1e6, $0.limit / 1e6) }, limit: "mock in memory", target: ">= 0.95"),
            Measurement(
                "broker's processor time for 1e6", unit: "s",
                Measurement.median(runs.map { $0.processor / Double(records) * 1e6 }), target: "<= 0.05"),
        ]
    }

    /// Records per second to a topic, acks=1.
    private static func perSecond(_ servers: String, properties: [String: String], _ topic: String) throws -> Double {
        let value = Buffer(recordBytes)
        // Without reports of success the client is the faster by half, and says more of the broker.
        let quiet = ["delivery.report.only.error": "true", "max.in.flight.requests.per.connection": "5"]
        let streams = try ClusterStreams(
            bootstrapServers: servers, properties: quiet.merging(properties) { $1 })
        defer { streams.close() }
        let producer = try streams.makeProducer(
            ProducerOptions(acknowledgement: .written, lingerMilliseconds: 50, batchBytes: 1_000_000))
        defer { producer.close() }
        func send(_ count: Int) throws {
            for index in 0..<count {
                try producer.send(
                    topic: topic, partition: Int32(index / 1000) % partitionCount, key: nil, value: value.readOnly,
                    headers: [], timestampMilliseconds: nil, delivered: nil)
            }
            try producer.flush(timeoutMilliseconds: 60_000)
        }
        // The connection is made, and the topic known, before the clock starts.
        try send(1)
        return Double(records) / (try seconds { try send(records) })
    }
}
