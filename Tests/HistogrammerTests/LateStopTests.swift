import Observability
import Schemas
import TestSupport
import Testing

@testable import Histogrammer

/// A run's stop is read some time after its moment: what was counted behind it must not stay.
extension HistogrammerTests {
    /// The run as it is counted from the log when its stop is known before.
    private func countedAfterwards() throws -> HistogramSnapshot? {
        let other = Histogrammer(
            streams: streams, configuration: configuration, metrics: Metrics(), clock: clock)
        let work = try other.makeLoop()
        defer { work.close() }
        try work.step(waitMilliseconds: 0)
        return other.snapshot
    }

    /// Sends a pulse behind all others to both partitions, which finishes the run, and compares.
    private func expectExactRun(_ work: HistogrammerLoop) throws -> HistogramSnapshot {
        for partition in 0..<2 { send(pulse: 100_000, [1], [1], partition: partition) }
        try work.step(waitMilliseconds: 0)
        let snapshot = try #require(histogrammer.snapshot)
        #expect(snapshot.state == .finished)
        #expect(try countedAfterwards() == snapshot)
        return snapshot
    }

    private func metric(_ name: String) -> Int {
        let line = metrics.prometheusText().split(separator: "\n").first { $0.hasPrefix("sluice_hist_\(name)_total{") }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? -1
    }

    @Test(arguments: [1, 2, 7]) func takesOutWhatIsBehindALateStop(_ count: Int) throws {
        begin("42", at: 0)
        let work = try histogrammer.makeLoop()
        send(pulse: 8, [1, 150, 1000], [1, 2, 7], vetoes: 0)
        send(pulse: 9, [250], [3], partition: 1)
        send(pulse: 9, [350, 360], nil, source: "monitor_1", vetoes: 0)
        try work.step(waitMilliseconds: 0)
        // The first is at the stop's very moment; then come vetoed ones, monitors, both partitions, and bad places.
        let later: [() -> Void] = [
            { send(pulse: 10, [5, 105, 2000], [1, 6, 99], vetoes: 0) },
            { send(pulse: 10, [5, 105], [1, 6]) },
            { send(pulse: 11, [5, 105, 205], [1, 6, 5], vetoes: 2) },
            { send(pulse: 10, [1], [2], partition: 1) },
            { send(pulse: 12, [-1, 305], nil, source: "monitor_1", partition: 1) },
            { send(pulse: 13, [], []) },
            { send(pulse: 14, [5], [1], vetoes: 0) },
        ]
        for one in later.prefix(count) { one() }
        try work.step(waitMilliseconds: 0)
        work.publish()
        #expect(try #require(histogrammer.snapshot).events > 6)
        let counted = metric("events")
        let messages = metric("messages")
        end("42", at: 10)
        try work.step(waitMilliseconds: 0)
        #expect(metric("messages") == messages, "nothing was read again")
        #expect(metric("events") == counted)
        let snapshot = try expectExactRun(work)
        #expect(snapshot.timeOfFlight == [1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
        #expect(snapshot.detectorMap == [1, 1, 1, 0, 0, 0])
        #expect(snapshot.monitor == [0, 0, 0, 2, 0, 0, 0, 0, 0, 0])
        #expect(snapshot.events == 6)
        #expect(snapshot.monitorEvents == 2)
        #expect(snapshot.vetoedEvents == 0)
        #expect(snapshot.outsideTime == 1)
        #expect(snapshot.outsideMap == 1)
        #expect(snapshot.lastPulseNanoseconds == (Self.start + 9) * 1_000_000)
        #expect(metric("events") == counted)
    }

    @Test func takesOutByTheVetoesOfTheTimeOfCounting() throws {
        begin("42", at: 0)
        let work = try histogrammer.makeLoop()
        send(pulse: 9, [1], [1], vetoes: 1)
        send(pulse: 10, [2], [2])
        // The pulse turns out to be vetoed after its first events were counted.
        send(pulse: 10, [3, 3], [3, 3], vetoes: 1)
        // Enough pulses that its vetoes are forgotten.
        for pulse in 11..<90 as Range<Int64> { send(pulse: pulse, [1], [1], vetoes: 0) }
        try work.step(waitMilliseconds: 0)
        end("42", at: 10)
        let snapshot = try expectExactRun(work)
        #expect(snapshot.events == 0)
        #expect(snapshot.vetoedEvents == 1)
        #expect(snapshot.lastPulseNanoseconds == (Self.start + 9) * 1_000_000)
    }

    @Test func cutsMessagesOfSeveralPulses() throws {
        begin("42", at: 0)
        let work = try histogrammer.makeLoop()
        let base = Self.start * 1_000_000
        streams.append(
            "DEMO_events", Self.start,
            EV44.encoded(
                sourceName: "bank", messageID: 1, referenceTime: [base, base + 9_999_999, base + 10_000_000],
                referenceTimeIndex: [0, 2, 3], timeOfFlight: [10, 20, 30, 40], pixelID: [1, 2, 3, 4]))
        try work.step(waitMilliseconds: 0)
        end("42", at: 10)
        let snapshot = try expectExactRun(work)
        #expect(snapshot.detectorMap == [1, 1, 1, 0, 0, 0])
        #expect(snapshot.lastPulseNanoseconds == base + 9_999_999)
    }

    @Test func countsAgainWhenTheStopIsLongAgo() throws {
        begin("42", at: 0)
        let work = try histogrammer.makeLoop()
        for pulse in 0..<50 as Range<Int64> {
            send(pulse: pulse * 100, [1, 2], [1, 2], partition: Int(pulse % 2), vetoes: pulse % 7 == 0 ? 1 : 0)
        }
        try work.step(waitMilliseconds: 0)
        let messages = metric("messages")
        let counted = metric("events")
        end("42", at: 1000)
        try work.step(waitMilliseconds: 0)
        #expect(metric("messages") > messages, "the run is read again")
        #expect(metric("events") >= counted)
        let snapshot = try expectExactRun(work)
        #expect(snapshot.events == 2 * 8)
        #expect(snapshot.lastPulseNanoseconds == (Self.start + 900) * 1_000_000)
    }

    @Test func countsAgainWhenTheStopIsMovedBack() throws {
        begin("42", at: 0)
        end("42", at: 10)
        let work = try histogrammer.makeLoop()
        send(pulse: 9, [1], [1])
        send(pulse: 12, [1], [2])
        try work.step(waitMilliseconds: 0)
        end("42", at: 20)
        try work.step(waitMilliseconds: 0)
        let snapshot = try expectExactRun(work)
        #expect(snapshot.detectorMap == [1, 1, 0, 0, 0, 0])
    }

    @Test func cutsARunWhoseStopComesWithTheNextStart() throws {
        begin("42", at: 0)
        let work = try histogrammer.makeLoop()
        send(pulse: 9, [1], [1])
        send(pulse: 10, [1], [2])
        try work.step(waitMilliseconds: 0)
        end("42", at: 10)
        begin("43", at: 11)
        try work.step(waitMilliseconds: 0)
        let last = try published().suffix(3)
        #expect(last.allSatisfy { $0.info.contains(#""run":"42","state":"FINISHED","events":1"#) })
        #expect(last.first?.info.contains(#""last_pulse_time":\#((Self.start + 9) * 1_000_000)"#) == true)
    }

    @Test(arguments: 1...20) func anyLateStopIsExact(_ seed: Int) throws {
        var random = SplitMix(UInt64(seed))
        func number(_ range: Range<Int64>) -> Int64 { Int64.random(in: range, using: &random) }
        begin("42", at: 0)
        let work = try histogrammer.makeLoop()
        var pulse: Int64 = -50
        for _ in 0..<80 {
            pulse += number(0..<60)
            let events = number(0..<6)
            let times = (0..<events).map { _ in Int32(number(-100..<1200)) }
            let pixels = (0..<events).map { _ in Int32(number(0..<9)) }
            let partition = Int(number(0..<2))
            let vetoes: UInt32? = number(0..<2) == 0 ? nil : UInt32(number(0..<2))
            let isMonitor = number(0..<4) == 0
            send(
                pulse: pulse - number(0..<20), times, isMonitor ? nil : pixels,
                source: isMonitor ? "monitor_1" : "bank", partition: partition, vetoes: vetoes)
            if number(0..<8) == 0 { try work.step(waitMilliseconds: 0) }
        }
        try work.step(waitMilliseconds: 0)
        end("42", at: number(0..<pulse + 10))
        let snapshot = try expectExactRun(work)
        #expect(snapshot.lastPulseNanoseconds ?? 0 < (Self.start + pulse + 10) * 1_000_000)
    }
}
