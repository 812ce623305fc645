import KafkaWire
import Observability

/// The counters of a server. Requests of unknown APIs are counted as `unknown`.
final class ServerMetrics: Sendable {
    let receivedBytes: Counter
    let sentBytes: Counter
    let refusedConnections: Counter
    private let metrics: Metrics
    private let requests: [Counter]
    private let durations: [DurationHistogram]
    private let indexByKey: [Int16: Int]

    init(_ metrics: Metrics) {
        self.metrics = metrics
        receivedBytes = metrics.counter("sluice_kafka_received_bytes_total", "Bytes of requests, sizes included.")
        sentBytes = metrics.counter("sluice_kafka_sent_bytes_total", "Bytes of responses, sizes included.")
        refusedConnections = metrics.counter(
            "sluice_kafka_refused_connections_total", "Connections closed at once because there were too many.")
        let names = SupportedVersions.all.map(\.api.name) + ["unknown"]
        requests = names.map {
            metrics.counter("sluice_kafka_requests_total", "Requests received, by API.", ["api": $0])
        }
        durations = names.map {
            metrics.durations(
                "sluice_kafka_request_duration_seconds", "Time from the whole request to its answer, by API.",
                ["api": $0])
        }
        indexByKey = Dictionary(
            uniqueKeysWithValues: SupportedVersions.all.enumerated().map { ($1.api.rawValue, $0) })
    }

    /// Counts a request and returns the index of its API.
    func began(apiKey: Int16) -> Int {
        let index = indexByKey[apiKey] ?? requests.count - 1
        requests[index].add()
        return index
    }

    /// Counts the time of a request.
    func ended(_ index: Int, nanoseconds: UInt64) { durations[index].record(nanoseconds: nanoseconds) }

    /// The connections of one listener.
    struct Connections: Sendable {
        let open: Gauge
        let total: Counter
    }

    func connections(listener: String) -> Connections {
        Connections(
            open: metrics.gauge("sluice_kafka_connections", "Open connections.", ["listener": listener]),
            total: metrics.counter("sluice_kafka_connections_total", "Connections accepted.", ["listener": listener]))
    }
}
