import KafkaWire
import Observability

/// Counts the errors that clients are told, by API and code. Belongs to one shard's thread.
final class RequestStatistics {
    private let metrics: Metrics
    private var errors: [Int32: Counter] = [:]

    init(_ metrics: Metrics) {
        self.metrics = metrics
    }

    /// Counts an error that a client was told.
    func count(_ apiKey: Int16, _ code: ErrorCode) {
        let key = Int32(apiKey) << 16 | Int32(UInt16(bitPattern: code.rawValue))
        if let counter = errors[key] { return counter.add() }
        let counter = metrics.counter(
            "sluice_kafka_request_errors_total", "Errors that Kafka clients were told.",
            ["api": APIKey(rawValue: apiKey)?.name ?? "unknown", "code": "\(code.rawValue)"])
        errors[key] = counter
        counter.add()
    }
}
