import Observability

/// What a forwarder tells Prometheus.
struct ForwarderMetrics {
    let updates: Counter
    let values: Counter
    let alarms: Counter
    let connections: Counter
    let bytes: Counter
    let failures: Counter
    let connected: Gauge
    private let rejections: [UpdateFilter.Rejection: Counter]

    init(_ metrics: Metrics, topic: String) {
        let topic = ["topic": topic]
        updates = metrics.counter("sluice_forwarder_updates_total", "Updates that came from process variables.", topic)
        let messages = { (schema: String) in
            metrics.counter(
                "sluice_forwarder_messages_total", "Messages sent.",
                topic.merging(["schema": schema]) { old, _ in old })
        }
        values = messages("f144")
        alarms = messages("al00")
        connections = messages("ep01")
        bytes = metrics.counter("sluice_forwarder_bytes_total", "Bytes of messages sent.", topic)
        failures = metrics.counter("sluice_forwarder_failures_total", "Messages that could not be sent.", topic)
        connected = metrics.gauge("sluice_forwarder_connected", "Process variables that are connected.", topic)
        rejections = Dictionary(
            uniqueKeysWithValues: UpdateFilter.Rejection.allCases.map { reason in
                let labels = topic.merging(["reason": reason.rawValue]) { old, _ in old }
                return (
                    reason,
                    metrics.counter(
                        "sluice_forwarder_rejected_total", "Updates whose time cannot be right.", labels)
                )
            })
    }

    /// Counts an update that was not forwarded.
    func reject(_ reason: UpdateFilter.Rejection) { rejections[reason]?.add() }
}
