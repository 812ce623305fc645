import Schemas
import Streams
import Testing

@testable import Console

@Suite struct InstrumentViewTests {
    func apply(_ view: inout InstrumentView, _ message: [UInt8], at nanoseconds: UInt64 = 0) throws {
        let update = message.withUnsafeBytes { InstrumentUpdate($0) }
        view.apply(try #require(update), nanoseconds: nanoseconds)
    }

    func json(_ view: InstrumentView, at nanoseconds: UInt64 = 0) -> String {
        var json = JSONWriter()
        view.write(to: &json, nanoseconds)
        return json.text
    }

    func histogram(_ counts: [Int64], seconds: Int64, source: String = "tof") -> [UInt8] {
        let edges = (0...counts.count).map { Double($0) }
        return HS01.encoded(
            source: source, timestamp: seconds * 1_000_000_000,
            dimensionMetadata: [
                HS01.OwnedDimension(
                    length: Int32(counts.count), unit: "ns", label: "time_of_flight", binBoundaries: .double(edges))
            ],
            lastMetadataTimestamp: 0, currentShape: [Int32(counts.count)], offset: nil, data: .int64(counts),
            errors: nil, info: "{}")
    }

    @Test func runsComeAndGo() throws {
        var view = InstrumentView(name: "LARMOR")
        try apply(
            &view,
            PL72.encoded(
                startTime: 1000, stopTime: 0, runName: "7", instrumentName: "LARMOR", nexusStructure: "{}",
                jobID: "j", broker: "", serviceID: "", filename: "LARMOR7.nxs", nPeriods: 1,
                detectorSpectrumMap: nil, metadata: "{\"title\":\"t\"}", controlTopic: ""))
        #expect(json(view).contains("\"number\":\"7\""))
        #expect(json(view).contains("\"stop\":null"))
        try apply(
            &view, RunStop6S4T.encoded(stopTime: 5000, runName: "7", jobID: "j", serviceID: "", commandID: "c"))
        #expect(json(view).contains("\"stop\":5000"))
    }

    @Test func ratesComeFromTheGrowthOfTheHistogram() throws {
        var view = InstrumentView(name: "LARMOR")
        try apply(&view, histogram([1, 2], seconds: 10), at: 1)
        #expect(view.currentEventsPerSecond(1) == 0)
        try apply(&view, histogram([100, 103], seconds: 12), at: 2)
        #expect(view.currentEventsPerSecond(2) == 100)
        #expect(view.currentEventsPerSecond(2 + InstrumentView.rateAgeNanosecondsMax) == 0)
        // A new run begins at nothing: that is no negative rate.
        try apply(&view, histogram([0, 5], seconds: 13), at: 3)
        #expect(view.currentEventsPerSecond(3) == 0)
        #expect(view.spectrum?.edges == [0, 1, 2])
    }

    @Test func alarmsStayWithTheirVariable() throws {
        var view = InstrumentView(name: "LARMOR")
        try apply(&view, F144.encoded(sourceName: "T", timestamp: 5_000_000, value: .double(1.5)))
        try apply(&view, AL00.encoded(sourceName: "T", timestamp: 5, severity: .major, message: "HIHI"))
        try apply(&view, F144.encoded(sourceName: "T", timestamp: 6_000_000, value: .double(2.5)))
        #expect(json(view).contains(#""name":"T","value":"{\"value\":2.5}","time":6,"severity":"MAJOR""#))
    }

    @Test func malformedMessagesAreIgnored() {
        let message = histogram([1, 2, 3], seconds: 1)
        for count in 0..<message.count {
            message[..<count].withUnsafeBytes { bytes in _ = InstrumentUpdate(bytes) }
        }
        #expect([UInt8](repeating: 7, count: 64).withUnsafeBytes { InstrumentUpdate($0) } == nil)
    }

    @Test func instrumentsAreFoundByTheirRunInfoTopic() {
        let statistics = ["A_runInfo", "A_sampleEnv", "A_events", "B_sampleEnv"].map {
            PartitionStatistics(
                partition: TopicPartition($0, 0), watermarks: Watermarks(low: 0, high: 1), sizeBytes: nil)
        }
        let found = InstrumentView.topics(in: statistics)
        #expect(found == ["A": [TopicPartition("A_runInfo", 0), TopicPartition("A_sampleEnv", 0)]])
    }

    @Test func topicRatesAreDifferences() {
        func statistics(_ high: Int64, _ size: Int64) -> [PartitionStatistics] {
            [
                PartitionStatistics(
                    partition: TopicPartition("t", 0), watermarks: Watermarks(low: 5, high: high), sizeBytes: size)
            ]
        }
        let first = TopicActivity.updated([:], with: statistics(10, 100), nanoseconds: 1_000_000_000)
        let second = TopicActivity.updated(first, with: statistics(30, 300), nanoseconds: 3_000_000_000)
        #expect(first["t"]?.messages == 5)
        #expect(second["t"]?.messagesPerSecond == 10)
        #expect(second["t"]?.bytesPerSecond == 100)
    }
}
