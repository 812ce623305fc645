import Observability
import System

/// The live counts of the demonstration.
final class DemoProgress {
    private let appliance: Appliance
    private let watch: RunWatch
    private let start = SystemClock().monotonicNanoseconds

    init(_ appliance: Appliance, _ watch: RunWatch) {
        self.appliance = appliance
        self.watch = watch
    }

    private func value(_ name: String) -> Double { appliance.metrics.sum(of: name) ?? 0 }

    private var seconds: Double { max(0.001, Double(SystemClock().monotonicNanoseconds - start) / 1e9) }

    /// Replaces the progress line, on a terminal only.
    func show() {
        guard Terminal.showsProgress else { return }
        let events = value("sluice_source_events_total")
        let bytes = value("sluice_source_bytes_total")
        Terminal.progress(
            "\(Quantity.short(events)) events, \(Quantity.short(bytes / seconds))B/s, "
                + "\(Quantity.short(value("sluice_forwarder_updates_total"))) PV updates, "
                + "file \(Quantity.short(value("sluice_writer_bytes_total")))B")
    }

    /// What was sent in all.
    var summary: String {
        "Sent     \(Int(value("sluice_source_events_total"))) neutrons in "
            + "\(Int(value("sluice_source_pulses_total"))) pulses, "
            + "\(Int(value("sluice_forwarder_updates_total"))) PV updates, "
            + "\(Quantity.short(value("sluice_source_bytes_total")))B"
    }
}

/// Numbers for people.
enum Quantity {
    /// Three digits and a prefix, such as `12.3 M`; ends in a space when there is no prefix.
    static func short(_ value: Double) -> String {
        for (scale, prefix) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")] where abs(value) >= scale {
            let scaled = value / scale
            let digits = scaled < 10 ? 100.0 : scaled < 100 ? 10 : 1
            let text = (scaled * digits).rounded() / digits
            return (text == text.rounded() ? "\(Int(text))" : "\(text)") + " " + prefix
        }
        return "\(Int(value.rounded())) "
    }
}
