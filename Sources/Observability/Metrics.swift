import Synchronization
import System

/// A number that only grows, such as bytes received.
public final class Counter: Sendable {
    private let storage = Atomic<Int>(0)
    init() {}

    /// Adds `amount` >= 0.
    @inline(__always)
    public func add(_ amount: Int = 1) {
        storage.wrappingAdd(amount, ordering: .relaxed)
    }

    /// The sum so far.
    public var value: Int { storage.load(ordering: .relaxed) }
}

/// A number that goes up and down, such as open connections.
public final class Gauge: Sendable {
    private let storage = Atomic<UInt64>(0)
    init() {}

    /// Sets the value.
    public func set(_ value: Double) { storage.store(value.bitPattern, ordering: .relaxed) }

    /// Adds `amount`, which may be negative.
    public func add(_ amount: Double) {
        var old = storage.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (done, seen) = storage.compareExchange(expected: old, desired: new, ordering: .relaxed)
            if done { return }
            old = seen
        }
    }

    /// The value now.
    public var value: Double { Double(bitPattern: storage.load(ordering: .relaxed)) }
}

/// The distribution of durations, in buckets of powers of two from 1 µs to about 67 s.
public final class DurationHistogram: Sendable {
    static let bucketCount = 27
    private let buckets = Mutex<[Int]>([Int](repeating: 0, count: bucketCount + 1))
    private let sumNanoseconds = Atomic<Int>(0)
    init() {}

    /// Counts one duration.
    public func record(nanoseconds: UInt64) {
        let microseconds = nanoseconds / 1000
        let bucket = microseconds == 0 ? 0 : min(64 - microseconds.leadingZeroBitCount, Self.bucketCount)
        buckets.withLock { $0[bucket] += 1 }
        sumNanoseconds.wrappingAdd(Int(nanoseconds), ordering: .relaxed)
    }

    /// Counts by bucket, and the sum in seconds.
    func snapshot() -> (buckets: [Int], sumSeconds: Double) {
        (buckets.withLock { $0 }, Double(sumNanoseconds.load(ordering: .relaxed)) / 1e9)
    }

    /// Durations counted so far.
    public var count: Int { buckets.withLock { $0.reduce(0, +) } }

    /// The upper edge in seconds of the bucket that holds the given share (0...1) of the durations; nil when empty.
    public func quantile(_ share: Double) -> Double? {
        let counts = snapshot().buckets
        let total = counts.reduce(0, +)
        guard total > 0 else { return nil }
        var seen = 0
        for (index, count) in counts.enumerated() {
            seen += count
            if Double(seen) >= share * Double(total) { return Double(1 << index) * 1e-6 }
        }
        return nil
    }
}

/// The metrics of one process, by name and labels, written as Prometheus text (exposition format 0.0.4).
///
/// Names follow the Prometheus rules: `sluice_` prefix, base units, counters end in `_total`.
public final class Metrics: Sendable {
    /// Label names and values, such as `["topic": "LARMOR_events"]`.
    public typealias Labels = [String: String]

    private enum Instrument: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(DurationHistogram)
    }

    private struct Family: Sendable {
        let help: String
        let kind: String
        var series: [String: Instrument] = [:]
    }

    /// A value computed when the metrics are read.
    public struct Sample: Sendable {
        let name: String, help: String, kind: String, labels: Labels, value: Double

        /// A gauge's value now.
        public static func gauge(_ name: String, _ help: String, _ labels: Labels = [:], _ value: Double) -> Sample {
            Sample(name: name, help: help, kind: "gauge", labels: labels, value: value)
        }

        /// A counter's value now; `name` ends in `_total`.
        public static func counter(_ name: String, _ help: String, _ labels: Labels = [:], _ value: Double) -> Sample {
            Sample(name: name, help: help, kind: "counter", labels: labels, value: value)
        }
    }

    private struct State: Sendable {
        var families: [String: Family] = [:]
        var collectors: [@Sendable () -> [Sample]] = []
    }

    private let state = Mutex(State())

    /// An empty set.
    public init() {}

    /// The counter of this name and these labels, made at the first call.
    public func counter(_ name: String, _ help: String, _ labels: Labels = [:]) -> Counter {
        precondition(name.hasSuffix("_total"), "a counter's name ends in _total: \(name)")
        guard case .counter(let counter) = instrument(name, help, "counter", labels, { .counter(Counter()) }) else {
            preconditionFailure("\(name) is not a counter")
        }
        return counter
    }

    /// The gauge of this name and these labels, made at the first call.
    public func gauge(_ name: String, _ help: String, _ labels: Labels = [:]) -> Gauge {
        guard case .gauge(let gauge) = instrument(name, help, "gauge", labels, { .gauge(Gauge()) }) else {
            preconditionFailure("\(name) is not a gauge")
        }
        return gauge
    }

    /// The histogram of this name (ending in `_seconds`) and these labels, made at the first call.
    public func durations(_ name: String, _ help: String, _ labels: Labels = [:]) -> DurationHistogram {
        precondition(name.hasSuffix("_seconds"), "a duration's name ends in _seconds: \(name)")
        let made = instrument(name, help, "histogram", labels) { .histogram(DurationHistogram()) }
        guard case .histogram(let histogram) = made else { preconditionFailure("\(name) is not a histogram") }
        return histogram
    }

    /// Adds values that are computed at each reading, such as sizes of partitions that come and go.
    public func collect(_ collector: @escaping @Sendable () -> [Sample]) {
        state.withLock { $0.collectors.append(collector) }
    }

    private func instrument(
        _ name: String, _ help: String, _ kind: String, _ labels: Labels, _ make: () -> Instrument
    ) -> Instrument {
        let key = Self.text(labels)
        return state.withLock { state in
            var family = state.families[name] ?? Family(help: help, kind: kind)
            precondition(family.kind == kind, "\(name) is already a \(family.kind)")
            let made = family.series[key] ?? make()
            family.series[key] = made
            state.families[name] = family
            return made
        }
    }

    /// The sum over all series of a counter or gauge; nil when nobody has made one of this name.
    public func sum(of name: String) -> Double? {
        guard let family = state.withLock({ $0.families[name] }) else { return nil }
        return family.series.values.reduce(0) { sum, instrument in
            switch instrument {
            case .counter(let counter): sum + Double(counter.value)
            case .gauge(let gauge): sum + gauge.value
            case .histogram: sum
            }
        }
    }

    /// The text that a Prometheus server scrapes.
    public func prometheusText() -> String {
        let (families, collectors) = state.withLock { ($0.families, $0.collectors) }
        var blocks: [String: (head: String, lines: [String])] = [:]
        for (name, family) in families {
            var lines: [String] = []
            for (labels, instrument) in family.series.sorted(by: { $0.key < $1.key }) {
                switch instrument {
                case .counter(let counter): lines.append("\(name)\(Self.braces(labels)) \(counter.value)")
                case .gauge(let gauge): lines.append("\(name)\(Self.braces(labels)) \(Self.number(gauge.value))")
                case .histogram(let histogram): lines += Self.lines(name, labels, histogram)
                }
            }
            blocks[name] = (Self.head(name, family.help, family.kind), lines)
        }
        for sample in collectors.flatMap({ $0() }) {
            let line = "\(sample.name)\(Self.braces(Self.text(sample.labels))) \(Self.number(sample.value))"
            blocks[sample.name, default: (Self.head(sample.name, sample.help, sample.kind), [])].lines.append(line)
        }
        return blocks.sorted { $0.key < $1.key }
            .map { $0.value.head + $0.value.lines.joined(separator: "\n") + "\n" }.joined()
    }

    private static func lines(_ name: String, _ labels: String, _ histogram: DurationHistogram) -> [String] {
        let (buckets, sum) = histogram.snapshot()
        let separator = labels.isEmpty ? "" : ","
        var lines: [String] = []
        var total = 0
        for (index, count) in buckets.enumerated() {
            total += count
            let edge = index == DurationHistogram.bucketCount ? "+Inf" : number(Double(1 << index) * 1e-6)
            lines.append("\(name)_bucket{\(labels)\(separator)le=\"\(edge)\"} \(total)")
        }
        lines.append("\(name)_sum\(braces(labels)) \(number(sum))")
        lines.append("\(name)_count\(braces(labels)) \(total)")
        return lines
    }

    private static func head(_ name: String, _ help: String, _ kind: String) -> String {
        "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }

    private static func braces(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }

    private static func text(_ labels: Labels) -> String {
        labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(escape($0.value))\"" }.joined(separator: ",")
    }

    private static func escape(_ value: String) -> String {
        var escaped = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}
