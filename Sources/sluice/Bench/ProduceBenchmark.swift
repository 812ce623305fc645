/// Batches of 1000 records of 1 KiB, five requests under way, against the same bytes received without a broker.
enum ProduceBenchmark {
    static let benchmark = Benchmark(
        name: "produce", summary: "1000 x 1 KiB a batch, 5 requests in flight", run: run)

    static let records = 1000
    static let recordBytes = 1024
    private static let totalBytes = 512 << 20
    private static let inFlightMax = 5

    private static func run(_ context: BenchContext) throws -> [Measurement] {
        let broker = try LocalBroker(context)
        defer { broker.stop() }
        return try [
            measure(context, broker, acks: 1, "produce acks=1", limit: "ingest"),
            measure(context, broker, acks: -1, "produce acks=all", limit: "ingest+fdatasync"),
        ]
    }

    private static func measure(
        _ context: BenchContext, _ broker: LocalBroker, acks: Int16, _ name: String, limit: String
    ) throws -> Measurement {
        let runs = try context.runs { run in
            let topic = "produce-\(acks == 1 ? "one" : "all")-\(run)"
            let limit = try IngestLimit.bytesPerSecond(context, totalBytes: totalBytes, syncs: acks != 1)
            try broker.createTopic(topic)
            let batches = totalBytes / (records * recordBytes)
            let client = try KafkaClient(broker.endpoint)
            let frame = try KafkaClient.produceFrame(
                topic: topic, records: records, recordBytes: recordBytes, acks: acks)
            let took = try seconds { try client.produce(frame, count: batches, inFlightMax: inFlightMax) }
            try broker.deleteTopic(topic)
            return (Double(batches * records * recordBytes) / took / 1e6, limit / 1e6)
        }
        return Measurement(name, unit: "MB/s", runs: runs, limit: limit, target: ">= 0.85")
    }
}
