import KafkaWire
import Observability

/// Counts and durations of requests by API, for the metrics. Belongs to one shard's thread.
final class RequestStatistics {
    private struct Instruments {
        let requests: Counter
        let durations: DurationHistogram
    }

    private let metrics: Metrics
    private var instruments: [Int16: Instruments] = [:]
    private var errors: [Int32: Counter] = [:]

    init(_ metrics: Metrics) {
        self.metrics = metrics
    }

    /// Counts a request that is answered.
    func record(_ apiKey: Int16, nanoseconds: UInt64) {
        let found = instruments[apiKey] ?? make(apiKey)
        found.requests.add()
        found.durations.record(nanoseconds: nanoseconds)
    }

    /// Counts an error that a client was told.
    func count(_ apiKey: Int16, _ code: ErrorCode) {
        let key = Int32(apiKey) << 16 | Int32(UInt16(bitPattern: code.rawValue))
        if let counter = errors[key] { return counter.add() }
        let counter = metrics.counter(
            "sluice_kafka_request_errors_total", "Errors that Kafka clients were told.",
            ["api": Self.name(apiKey), "code": "\(code.rawValue)"])
        errors[key] = counter
        counter.add()
    }

    private func make(_ apiKey: Int16) -> Instruments {
        let labels = ["api": Self.name(apiKey)]
        let made = Instruments(
            requests: metrics.counter("sluice_kafka_requests_total", "Requests of Kafka clients.", labels),
            durations: metrics.durations(
                "sluice_kafka_request_duration_seconds", "Time from a request's arrival to its answer.", labels))
        instruments[apiKey] = made
        return made
    }

    private static func name(_ apiKey: Int16) -> String {
        APIKey(rawValue: apiKey)?.name ?? "unknown"
    }
}
