import Observability
import Schemas
import Streams
import System
import TestSupport
import Testing

@testable import Histogrammer

@Suite struct HistogrammerTests {
    static let start: Int64 = 1_700_000_000_000
    let streams = ScriptedStreams()
    let clock = ManualClock(wallMilliseconds: start)
    let metrics = Metrics()
    let configuration: HistogrammerConfiguration
    let histogrammer: Histogrammer

    init() throws {
        var configuration = HistogrammerConfiguration(instrument: "DEMO")
        configuration.timeOfFlight = TimeOfFlightAxis(lowNanoseconds: 0, highNanoseconds: 1000, count: 10)
        configuration.detector = DetectorGrid(firstID: 1, width: 3, height: 2)
        self.configuration = configuration
        histogrammer = Histogrammer(
            streams: streams, configuration: configuration, metrics: metrics, clock: clock)
        for topic in ["DEMO_events", "DEMO_runInfo"] {
            try streams.createTopic(TopicSpecification(topic, partitionCount: topic == "DEMO_events" ? 2 : 1))
        }
    }

    func send(
        pulse milliseconds: Int64, _ times: [Int32], _ pixels: [Int32]?, source: String = "bank", partition: Int = 0,
        vetoes: UInt32? = nil
    ) {
        let time = Self.start + milliseconds
        if let vetoes {
            streams.append(
                "DEMO_events", time,
                PU00.encoded(
                    sourceName: "icp", messageID: 0, referenceTime: time * 1_000_000, vetos: vetoes, periodNumber: 0,
                    protonCharge: 0), partition: partition)
        }
        streams.append(
            "DEMO_events", time,
            EV44.encoded(
                sourceName: source, messageID: 0, referenceTime: [time * 1_000_000], referenceTimeIndex: [0],
                timeOfFlight: times, pixelID: pixels), partition: partition)
    }

    func begin(_ run: String, at milliseconds: Int64) {
        streams.append(
            "DEMO_runInfo", Self.start + milliseconds,
            PL72.encoded(
                startTime: UInt64(Self.start + milliseconds), runName: run, instrumentName: "DEMO",
                nexusStructure: "{}", jobID: "job-" + run, filename: run + ".nxs"))
    }

    func end(_ run: String, at milliseconds: Int64) {
        streams.append(
            "DEMO_runInfo", Self.start + milliseconds,
            RunStop6S4T.encoded(
                stopTime: UInt64(Self.start + milliseconds), runName: run, jobID: "job-" + run, commandID: "stop"))
    }

    struct Published {
        let source: String
        let info: String
        let counts: [Double]
        let key: String
    }

    func published() throws -> [Published] {
        try streams.records("DEMO_monitorHistograms").map { record in
            try record.value.withUnsafeBytes { bytes in
                let message = try HS01(bytes)
                return Published(
                    source: message.source!, info: message.info!, counts: message.data!.doubles!,
                    key: record.keyText)
            }
        }
    }

    @Test func countsKnownEvents() throws {
        let work = try histogrammer.makeLoop()
        send(pulse: 0, [0, 99, 100, 999, 1000, -1], [1, 2, 2, 6, 7, 0])
        send(pulse: 1, [150, 160], nil, source: "monitor_1", partition: 1)
        send(pulse: 1, [170], [], source: "other")
        try work.step(waitMilliseconds: 0)
        #expect(histogrammer.snapshot == nil)
        clock.advance(milliseconds: 1000)
        try work.step(waitMilliseconds: 0)
        let snapshot = try #require(histogrammer.snapshot)
        #expect(snapshot.timeOfFlight == [2, 1, 0, 0, 0, 0, 0, 0, 0, 1])
        #expect(snapshot.detectorMap == [1, 2, 0, 0, 0, 1])
        #expect(snapshot.monitor == [0, 3, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(snapshot.events == 9)
        #expect(snapshot.monitorEvents == 3)
        #expect(snapshot.outsideTime == 2)
        #expect(snapshot.outsideMap == 2)
        #expect(snapshot.runName == nil)
        let published = try published()
        #expect(published.map(\.source) == ["tof", "detector_map", "monitor"])
        #expect(published.map(\.key) == ["tof", "detector_map", "monitor"])
        #expect(published[1].counts == [1, 2, 0, 0, 0, 1])
        #expect(metrics.prometheusText().contains(#"sluice_hist_events_total{topic="DEMO_events"} 9"#))
        #expect(metrics.prometheusText().contains(#"sluice_hist_lag_seconds{topic="DEMO_events"} 0.999"#))
    }

    @Test func describesItsAxes() throws {
        let work = try histogrammer.makeLoop()
        work.publish()
        let records = streams.records("DEMO_monitorHistograms")
        try records[0].value.withUnsafeBytes { bytes in
            let time = try HS01(bytes)
            #expect(Array(time.currentShape) == [10])
            #expect(time.dimensionMetadata[0].unit == "ns")
            #expect(time.dimensionMetadata[0].label == "time_of_flight")
            #expect(time.dimensionMetadata[0].binBoundaries?.doubles == (0...10).map { Double($0 * 100) })
            #expect(time.timestamp == Self.start * 1_000_000)
        }
        let shape = try records[1].value.withUnsafeBytes { Array(try HS01($0).currentShape) }
        #expect(shape == [2, 3])
    }

    @Test func skipsVetoedPulses() throws {
        let work = try histogrammer.makeLoop()
        send(pulse: 0, [1, 2], [1, 1], vetoes: 0)
        send(pulse: 1, [1, 2, 3], [1, 1, 1], vetoes: 4)
        send(pulse: 1, [1], [1], partition: 1)
        send(pulse: 2, [5], [2], vetoes: 0)
        // A late chunk of the vetoed pulse.
        send(pulse: 1, [9], [1])
        try work.step(waitMilliseconds: 0)
        work.publish()
        let snapshot = try #require(histogrammer.snapshot)
        #expect(snapshot.events == 4)
        #expect(snapshot.vetoedEvents == 4)
        #expect(snapshot.detectorMap == [3, 1, 0, 0, 0, 0])
    }

    @Test func countsSeveralPulsesInOneMessage() throws {
        let work = try histogrammer.makeLoop()
        send(pulse: 1, [], [], vetoes: 1)
        let base = Self.start * 1_000_000
        streams.append(
            "DEMO_events", Self.start,
            EV44.encoded(
                sourceName: "bank", messageID: 1, referenceTime: [base, base + 1_000_000, base + 2_000_000],
                referenceTimeIndex: [0, 2, 3], timeOfFlight: [10, 20, 30, 40], pixelID: [1, 2, 3, 4]))
        try work.step(waitMilliseconds: 0)
        work.publish()
        #expect(histogrammer.snapshot?.detectorMap == [1, 1, 0, 1, 0, 0])
    }

    @Test func beginsEachRunAfresh() throws {
        let work = try histogrammer.makeLoop()
        send(pulse: 0, [1], [1])
        try work.step(waitMilliseconds: 0)
        // The run's own events are already read when its start is: they are read again.
        send(pulse: 10, [1], [2])
        send(pulse: 11, [1], [2], partition: 1)
        try work.step(waitMilliseconds: 0)
        begin("42", at: 10)
        send(pulse: 12, [1], [3])
        try work.step(waitMilliseconds: 0)
        work.publish()
        #expect(histogrammer.snapshot?.detectorMap == [0, 2, 1, 0, 0, 0])
        #expect(histogrammer.snapshot?.runName == "42")
        begin("43", at: 20)
        send(pulse: 20, [1], [6])
        try work.step(waitMilliseconds: 0)
        let last = try published().suffix(3)
        #expect(last.allSatisfy { $0.info.contains(#""run":"42","state":"FINISHED""#) })
        work.publish()
        #expect(histogrammer.snapshot?.detectorMap == [0, 0, 0, 0, 0, 1])
    }

    @Test func finishesARunWhenAllItsEventsAreThere() throws {
        begin("42", at: 0)
        let work = try histogrammer.makeLoop()
        send(pulse: 5, [1], [1])
        try work.step(waitMilliseconds: 0)
        end("42", at: 10)
        try work.step(waitMilliseconds: 0)
        send(pulse: 9, [1], [1])
        send(pulse: 10, [1], [1])
        try work.step(waitMilliseconds: 0)
        // One partition has gone past the end, the other may still deliver.
        #expect(try published().isEmpty)
        send(pulse: 9, [1], [2], partition: 1)
        send(pulse: 12, [1], [2], partition: 1)
        try work.step(waitMilliseconds: 0)
        #expect(try published().map { $0.info.contains("FINISHED") } == [true, true, true])
        #expect(histogrammer.snapshot?.detectorMap == [2, 1, 0, 0, 0, 0])
        send(pulse: 13, [1], [1])
        clock.advance(milliseconds: 1000)
        try work.step(waitMilliseconds: 0)
        #expect(histogrammer.snapshot?.events == 3)
    }

    @Test func finishesAQuietRunAfterAGrace() throws {
        begin("42", at: 0)
        end("42", at: 10)
        send(pulse: 5, [1], [1])
        let work = try histogrammer.makeLoop()
        try work.step(waitMilliseconds: 0)
        #expect(histogrammer.snapshot == nil)
        clock.advance(milliseconds: 1010)
        try work.step(waitMilliseconds: 0)
        #expect(histogrammer.snapshot?.state == .finished)
        #expect(histogrammer.snapshot?.events == 1)
    }

    @Test func ignoresTheStopOfAnotherJob() throws {
        begin("42", at: 0)
        end("41", at: 5)
        let work = try histogrammer.makeLoop()
        send(pulse: 7, [1], [1])
        try work.step(waitMilliseconds: 0)
        work.publish()
        #expect(histogrammer.snapshot?.state == .counting)
        #expect(histogrammer.snapshot?.events == 1)
    }

    @Test func publishesOnceASecondDuringARun() throws {
        begin("42", at: 0)
        let work = try histogrammer.makeLoop()
        for _ in 0..<35 {
            try work.step(waitMilliseconds: 0)
            clock.advance(milliseconds: 100)
        }
        #expect(try published().count == 3 * 3)
        // Held up for long: one publication, not one for each that was missed.
        clock.advance(milliseconds: 10_000)
        try work.step(waitMilliseconds: 0)
        try work.step(waitMilliseconds: 0)
        #expect(try published().count <= 3 * 5)
    }

    @Test func publishesNothingTwiceWhenIdle() throws {
        let work = try histogrammer.makeLoop()
        func second() throws {
            clock.advance(milliseconds: 1000)
            try work.step(waitMilliseconds: 0)
        }
        try second()
        #expect(try published().isEmpty)
        send(pulse: 1, [1], [1])
        try second()
        try second()
        #expect(try published().count == 3)
        send(pulse: 2, [1], [1])
        try second()
        work.publishNews()
        #expect(try published().count == 6)
    }

    @Test func skipsBadMessages() throws {
        let work = try histogrammer.makeLoop()
        let good = EV44.encoded(
            sourceName: "bank", messageID: 0, referenceTime: [Self.start * 1_000_000], referenceTimeIndex: [0],
            timeOfFlight: [1, 2], pixelID: [1, 2])
        let unequal = EV44.encoded(
            sourceName: "bank", messageID: 0, referenceTime: [Self.start * 1_000_000], referenceTimeIndex: [0],
            timeOfFlight: [1, 2, 3], pixelID: [1, 2])
        for length in 0..<good.count {
            streams.append("DEMO_events", Self.start, Array(good.prefix(length)))
        }
        streams.append("DEMO_events", Self.start, unequal)
        streams.append("DEMO_runInfo", Self.start, Array("xxxxpl72".utf8))
        streams.append("DEMO_events", Self.start, good)
        try work.step(waitMilliseconds: 0)
        work.publish()
        #expect(histogrammer.snapshot?.events ?? 0 >= 2)
        #expect(histogrammer.snapshot?.detectorMap[2...] == [0, 0, 0, 0])
        let text = metrics.prometheusText()
        #expect(!text.contains(#"sluice_hist_bad_messages_total{topic="DEMO_events"} 0"#))
    }

    @Test func goesOnBehindRecordsThatAreGone() throws {
        let work = try histogrammer.makeLoop()
        send(pulse: 0, [1], [1])
        send(pulse: 0, [1], [1], partition: 1)
        try work.step(waitMilliseconds: 0)
        // Retention overtakes the reader in the first partition only: the other must not be counted again.
        for pulse: Int64 in 1...3 { send(pulse: pulse, [1], [2]) }
        streams.dropRecords("DEMO_events", before: 3)
        do throws(StreamError) {
            try work.step(waitMilliseconds: 0)
        } catch {
            #expect(error.code == .offsetOutOfRange)
            work.note(error)
        }
        try work.step(waitMilliseconds: 0)
        work.publish()
        #expect(histogrammer.snapshot?.events == 3)
        #expect(histogrammer.snapshot?.detectorMap[..<2] == [2, 1])
    }

    @Test func runsUntilItIsStopped() throws {
        let stop = StopSignal()
        let histogrammer = histogrammer
        begin("42", at: 0)
        let thread = Thread("test") { try? histogrammer.run(until: stop) }
        while histogrammer.snapshot == nil { clock.advance(milliseconds: 100) }
        stop.request()
        thread.join()
        #expect(histogrammer.snapshot?.events == 0)
    }
}
