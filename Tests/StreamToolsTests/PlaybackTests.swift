import Streams
import System
import TestSupport
import Testing

@testable import StreamTools

@Suite struct PlaybackTests {
    @Test func recordsAreDueAtTheirOwnPace() {
        var pacing = Pacing(.times(2))
        #expect(pacing.waitNanoseconds(1000, now: 50) == 0)
        #expect(pacing.waitNanoseconds(1010, now: 50) == 5_000_000)
        #expect(pacing.waitNanoseconds(1010, now: 50 + 5_000_000) == 0)
        // A time that goes back does not wait; what follows is counted from the furthest one.
        #expect(pacing.waitNanoseconds(900, now: 50 + 5_000_000) == 0)
        #expect(pacing.waitNanoseconds(-1, now: 50) == 0)
        #expect(pacing.waitNanoseconds(1020, now: 50 + 5_000_000) == 5_000_000)
        var unlimited = Pacing(.unlimited)
        #expect(unlimited.waitNanoseconds(0, now: 0) == 0)
        #expect(unlimited.waitNanoseconds(1 << 50, now: 0) == 0)
    }

    private func recorded() -> ScriptedStreams {
        let streams = ScriptedStreams()
        streams.create("a", partitions: 2)
        for time in 0..<5 { streams.append("a", Int64(time) * 2, [UInt8(time)]) }
        for time in 0..<5 { streams.append("a", Int64(time) * 2 + 1, [UInt8(time + 10)], partition: 1) }
        streams.create("b", partitions: 2)
        return streams
    }

    private func play(_ streams: ScriptedStreams, _ options: RecordPlayer.Options, loops: Int = 1) throws
        -> RecordPlayer
    {
        let ranges = try RangeExpression(.beginning).ranges("a", nil, streams, follows: false)
        let player = RecordPlayer(to: "b", try streams.makeProducer(ProducerOptions()), options, stop: StopSignal())
        for _ in 0..<loops {
            try player.play(streams, ranges)
            player.rewind()
        }
        return player
    }

    @Test func copiesKeepTimesAndPartitions() throws {
        let streams = recorded()
        let player = try play(streams, RecordPlayer.Options())
        #expect(player.sent == ArchiveSummary(records: 10, bytes: 10))
        for partition in 0..<2 {
            let source = TopicPartition("a", Int32(partition)), target = TopicPartition("b", Int32(partition))
            #expect(try streams.watermarks(source) == streams.watermarks(target))
        }
        #expect(Set(streams.records("b").map(\.timestampMilliseconds)) == Set((0..<10).map { Int64($0) }))
    }

    @Test func severalPartitionsComeInOrderOfTimeAtRecordedSpeed() throws {
        let streams = recorded()
        _ = try play(streams, RecordPlayer.Options(speed: .times(1000)))
        #expect(streams.records("b").map(\.timestampMilliseconds) == (0..<10).map { Int64($0) })
    }

    @Test func loopsAndOnePartition() throws {
        let streams = recorded()
        let player = try play(streams, RecordPlayer.Options(partition: 1), loops: 3)
        #expect(player.sent.records == 30)
        #expect(try streams.watermarks(TopicPartition("b", 1)).high == 30)
    }

    @Test func shiftedTimesBeginNow() throws {
        let streams = recorded()
        let before = SystemClock().wallMilliseconds
        _ = try play(streams, RecordPlayer.Options(speed: .times(1000), times: .shifted))
        let times = streams.records("b").compactMap(\.timestampMilliseconds)
        #expect(times[0] >= before)
        #expect(times.map { $0 - times[0] } == (0..<10).map { Int64($0) })
    }

    @Test func aRefusalEndsIt() throws {
        let streams = recorded()
        streams.refuse(StreamError(.storage, "disk full"))
        let error = #expect(throws: StreamError.self) { try play(streams, RecordPlayer.Options()) }
        #expect(error?.code == .storage)
    }

    @Test func theStandardSetIsTheFacilitys() {
        let suffixes = InstrumentTopics.all.map(\.suffix)
        let installed = [
            "_events", "_runInfo", "_sampleEnv", "_runLog", "_monitorHistograms", "_detSpecMap", "_areaDetector",
            "_forwarderConfig", "_forwarderStatus", "_forwarderStorage",
        ]
        #expect(Set(installed).isSubset(of: suffixes))
        #expect(Set(suffixes).count == suffixes.count)
        #expect(InstrumentTopics.instrument(of: "NDW_2922_runInfo") == "NDW_2922")
        #expect(InstrumentTopics.instrument(of: "nothing") == nil)
        #expect(InstrumentTopics.instrument(of: "_x") == nil)
    }
}
