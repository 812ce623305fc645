import Observability

/// What a histogrammer tells Prometheus.
struct HistogrammerMetrics {
    let messages: Counter
    let events: Counter
    let vetoedEvents: Counter
    let badMessages: Counter
    let publications: Counter
    let failures: Counter
    let lag: Gauge

    init(_ metrics: Metrics, topic: String) {
        let labels = ["topic": topic]
        messages = metrics.counter("sluice_hist_messages_total", "Messages read from the event topic.", labels)
        events = metrics.counter("sluice_hist_events_total", "Events counted into histograms.", labels)
        vetoedEvents = metrics.counter("sluice_hist_vetoed_events_total", "Events that vetoes kept out.", labels)
        badMessages = metrics.counter("sluice_hist_bad_messages_total", "Messages that could not be used.", labels)
        publications = metrics.counter("sluice_hist_published_total", "Histograms sent.", labels)
        failures = metrics.counter("sluice_hist_failures_total", "Failed reads and sends of streams.", labels)
        lag = metrics.gauge(
            "sluice_hist_lag_seconds", "Time from the latest counted pulse to now; 0 before the first.", labels)
    }
}
