/// One record of 100 bytes, acks=1, one request under way, against 64 bytes there and back.
enum RoundTripBenchmark {
    static let benchmark = Benchmark(name: "roundtrip", summary: "produce of 100 B, one at a time", run: run)

    private static let operations = 20_000
    private static let recordBytes = 100
    private static let topic = "roundtrip"
    private static let shares: [(name: String, share: Double, target: String)] = [
        ("p50", 0.5, "<= 2"), ("p99", 0.99, "<= 3"), ("p99.9", 0.999, "<= 6"),
    ]

    private static func run(_ context: BenchContext) throws -> [Measurement] {
        let broker = try LocalBroker(context)
        defer { broker.stop() }
        try broker.createTopic(topic)
        let client = try KafkaClient(broker.endpoint)
        let frame = try KafkaClient.produceFrame(topic: topic, records: 1, recordBytes: recordBytes, acks: 1)
        let runs = try context.runs { _ in
            let limit = try PingPongLimit.latencies(count: operations)
            let measured = try Latencies(count: operations) { try client.produce(frame, count: 1, inFlightMax: 1) }
            return (measured: measured, limit: limit)
        }
        return shares.map { name, share, target in
            Measurement(
                "roundtrip acks=1 \(name)", unit: "us",
                runs: runs.map { ($0.measured.microseconds(share), $0.limit.microseconds(share)) },
                limit: "ping-pong", target: target)
        }
    }
}
