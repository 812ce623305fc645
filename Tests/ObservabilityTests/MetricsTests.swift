import Observability
import Testing

@Suite struct MetricsTests {
    @Test func writesEveryKindAsPrometheusText() {
        let metrics = Metrics()
        metrics.counter("sluice_test_bytes_total", "Bytes.", ["topic": "a\"b"]).add(3)
        metrics.gauge("sluice_test_open", "Open things.").set(1.5)
        metrics.durations("sluice_test_seconds", "Time.").record(nanoseconds: 1500)
        metrics.collect { [.gauge("sluice_test_size_bytes", "Size.", ["partition": "0"], 7)] }
        let text = metrics.prometheusText()
        #expect(text.contains("# TYPE sluice_test_bytes_total counter\nsluice_test_bytes_total{topic=\"a\\\"b\"} 3\n"))
        #expect(text.contains("sluice_test_open 1.5\n"))
        #expect(text.contains("sluice_test_seconds_bucket{le=\"1e-06\"} 0\n"))
        #expect(text.contains("sluice_test_seconds_bucket{le=\"2e-06\"} 1\n"))
        #expect(text.contains("sluice_test_seconds_bucket{le=\"+Inf\"} 1\n"))
        #expect(text.contains("sluice_test_size_bytes{partition=\"0\"} 7\n"))
    }

    @Test func sameNameAndLabelsAreOneCounter() {
        let metrics = Metrics()
        metrics.counter("sluice_x_total", "X.").add(1)
        metrics.counter("sluice_x_total", "X.").add(1)
        metrics.counter("sluice_x_total", "X.", ["topic": "t"]).add(3)
        #expect(metrics.counter("sluice_x_total", "X.").value == 2)
        #expect(metrics.sum(of: "sluice_x_total") == 5)
        #expect(metrics.sum(of: "sluice_y_total") == nil)
    }

    @Test func timestampsAreISO8601() {
        #expect(Log.timestamp(1_700_000_000_123_456_789) == "2023-11-14T22:13:20.123Z")
    }
}
