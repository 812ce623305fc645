/// Batches of about 1 MiB read back out of the page cache, one by one and with three requests under way.
enum FetchBenchmark {
    static let benchmark = Benchmark(name: "fetch", summary: "1 MiB pieces out of the page cache", run: run)

    private static let fileBytes = 256 << 20
    /// Each run reads the topic so many times.
    private static let passes = 4
    private static let pieceBytes: Int32 = 1 << 20
    private static let topic = "fetch"

    private static func run(_ context: BenchContext) throws -> [Measurement] {
        let broker = try LocalBroker(context)
        defer { broker.stop() }
        try broker.createTopic(topic)
        let client = try KafkaClient(broker.endpoint)
        let records = ProduceBenchmark.records
        let batches = fileBytes / (records * ProduceBenchmark.recordBytes)
        let frame = try KafkaClient.produceFrame(
            topic: topic, records: records, recordBytes: ProduceBenchmark.recordBytes, acks: 1)
        try client.produce(frame, count: batches, inFlightMax: 1)
        return try [1, 3].map { inFlightMax in
            let runs = try context.runs { _ in
                let limit = try SendfileLimit.bytesPerSecond(context, totalBytes: passes * fileBytes)
                var bytes = 0
                let took = try seconds {
                    for _ in 0..<passes {
                        bytes += try client.fetch(
                            topic: topic, endOffset: Int64(batches * records), recordsPerBatch: Int64(records),
                            bytesMax: pieceBytes, inFlightMax: inFlightMax)
                    }
                }
                return (Double(bytes) / took / 1e6, limit / 1e6)
            }
            return Measurement(
                "fetch, \(inFlightMax) in flight", unit: "MB/s", runs: runs, limit: "sendfile", target: ">= 0.85")
        }
    }
}
