import Glibc
import System

/// From the send of a record to its receipt by a consumer that waits for it: 1 KiB, a thousand times a second, acks=1.
enum EndToEndBenchmark {
    static let benchmark = Benchmark(name: "end-to-end", summary: "1 KiB records at 1 kHz, send to receipt", run: run)

    private static let records = 2000
    private static let recordBytes = 1024
    private static let intervalNanoseconds: UInt64 = 1_000_000
    private static let shares: [(name: String, share: Double, target: String)] = [
        ("p50", 0.5, "<= 200 us"), ("p99", 0.99, "<= 1000 us"), ("p99.9", 0.999, "<= 2000 us"),
    ]

    private static func run(_ context: BenchContext) throws -> [Measurement] {
        let broker = try LocalBroker(context)
        defer { broker.stop() }
        let runs = try context.runs { run in
            let topic = "end-to-end-\(run)"
            try broker.createTopic(topic)
            return try latencies(broker.endpoint, topic)
        }
        return shares.map { name, share, target in
            Measurement(
                "end to end \(name)", unit: "us", Measurement.median(runs.map { $0.microseconds(share) }),
                target: target)
        }
    }

    private static func latencies(_ endpoint: Endpoint, _ topic: String) throws -> Latencies {
        let received = Condition<Result<[UInt64], any Error>?>(nil)
        let consumer = Thread("consumer") {
            let result = Result { try receive(endpoint, topic) }
            received.update { $0 = result }
        }
        let sent = Result { try send(endpoint, topic) }
        consumer.join()
        guard let received = received.withLock({ $0 }) else { preconditionFailure("the consumer has ended") }
        return Latencies(nanoseconds: zip(try received.get(), try sent.get()).map { $0 - $1 })
    }

    /// Sends the records, each at its time; returns when each was sent.
    private static func send(_ endpoint: Endpoint, _ topic: String) throws -> [UInt64] {
        let client = try KafkaClient(endpoint)
        let frame = try KafkaClient.produceFrame(topic: topic, records: 1, recordBytes: recordBytes, acks: 1)
        let clock = SystemClock()
        let start = clock.monotonicNanoseconds
        return try (0..<records).map { index in
            let due = start + UInt64(index) * intervalNanoseconds
            var moment = timespec(tv_sec: Int(due / 1_000_000_000), tv_nsec: Int(due % 1_000_000_000))
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, nil)
            let now = clock.monotonicNanoseconds
            try client.produce(frame, count: 1, inFlightMax: 1)
            return now
        }
    }

    /// Receives the records; returns when each came.
    private static func receive(_ endpoint: Endpoint, _ topic: String) throws -> [UInt64] {
        let client = try KafkaClient(endpoint)
        let clock = SystemClock()
        var times: [UInt64] = []
        var emptyAnswers = 0
        while times.count < records {
            let next = try client.fetchNext(topic: topic, offset: Int64(times.count))
            let count = Int(next) - times.count
            times += repeatElement(clock.monotonicNanoseconds, count: count)
            emptyAnswers = count == 0 ? emptyAnswers + 1 : 0
            // Each waits for half a second.
            guard emptyAnswers < 20 else { throw CommandError("records of \(topic) do not come") }
        }
        return times
    }
}
