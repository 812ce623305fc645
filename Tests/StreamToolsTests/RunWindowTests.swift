import Schemas
import StreamTools
import Streams
import TestSupport
import Testing

@Suite struct RunWindowTests {
    private let streams = ScriptedStreams()

    private func start(_ name: String, _ job: String, at time: UInt64) {
        let message = PL72.encoded(
            startTime: time, runName: name, instrumentName: "LARMOR", nexusStructure: "{}", jobID: job, filename: "f")
        streams.append("LARMOR_runInfo", Int64(time), message)
    }

    private func stop(_ name: String, _ job: String, at time: UInt64) {
        streams.append("LARMOR_runInfo", Int64(time), RunStop6S4T.encoded(stopTime: time, runName: name, jobID: job))
    }

    @Test func findsRunsByNumberAndTheLast() throws {
        start("7", "a", at: 1000)
        stop("7", "a", at: 2000)
        start("LARMOR8", "b", at: 3000)
        streams.append("LARMOR_runInfo", 3001, Array("not a message".utf8))
        start("LARMOR8", "b", at: 3002)
        func find(_ run: RangeExpression.Run) throws -> RunWindow {
            try RunWindow.find(run, instrument: "LARMOR", streams: streams)
        }
        #expect(try find(.number(7)) == RunWindow(name: "7", startMilliseconds: 1000, stopMilliseconds: 2000))
        #expect(try find(.number(8)) == RunWindow(name: "LARMOR8", startMilliseconds: 3000, stopMilliseconds: nil))
        #expect(try find(.last).name == "LARMOR8")
        stop("LARMOR8", "b", at: 4000)
        #expect(try find(.last).stopMilliseconds == 4000)
        let failure = #expect(throws: StreamError.self) { try find(.number(9)) }
        #expect(
            failure?.code == .unknownTopic
                && failure?.message == "LARMOR_runInfo tells of no run 9; the latest are 7, LARMOR8")
    }

    @Test func takesTheNewestOfTwoRunsOfOneNumber() throws {
        start("7", "a", at: 1000)
        stop("7", "a", at: 2000)
        start("7", "b", at: 5000)
        let found = try RunWindow.find(.number(7), instrument: "LARMOR", streams: streams)
        #expect(found == RunWindow(name: "7", startMilliseconds: 5000, stopMilliseconds: nil))
    }

    @Test func aRunIsARangeOfItsInstrumentsTopics() throws {
        start("7", "a", at: 1000)
        stop("7", "a", at: 2000)
        for time in [500, 1000, 1500, 2000, 2001] { streams.append("LARMOR_events", Int64(time), [1]) }
        let expression = RangeExpression(.beginning, run: .number(7))
        let ranges = try expression.ranges("LARMOR_events", nil, streams, follows: false)
        #expect(ranges.map { [$0.start, $0.end] } == [[1, 4]])
    }
}
