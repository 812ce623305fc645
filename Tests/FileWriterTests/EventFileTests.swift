import FileWriter
import Foundation
import NexusFile
import Schemas
import Synchronization
import System
import TestSupport
import Testing

@Suite struct EventFileTests {
    private func column<T: NexusScalar>(_ file: NexusFile, _ name: String, _: T.Type) throws -> [T] {
        try file.root.dataset("/entry/detector_events/" + name).values(T.self)
    }

    @Test func eventsOfTheRunAreInTheFileAndNoOthers() throws {
        let run = TestRun()
        run.pulse(-1, offsets: [1], pixels: [1])
        run.pulse(0, offsets: [10, 20], pixels: [5, 6])
        run.pulse(100, source: "monitor_1", offsets: [7], pixels: [])
        run.pulse(100, offsets: nil, pixels: nil)
        run.pulse(200, offsets: [-30], pixels: [7])
        run.pulse(10_000, offsets: [40], pixels: [8])
        run.pulse(10_001, offsets: [50], pixels: [9])
        let (file, steps) = try run.write(TestRun.events)
        #expect(try column(file, "event_id", Int32.self) == [5, 6, 7, 8])
        #expect(try column(file, "event_time_offset", Int32.self) == [10, 20, -30, 40])
        #expect(
            try column(file, "event_time_zero", UInt64.self)
                == [0, 100, 200, 10_000].map { UInt64(TestRun.time($0)) })
        #expect(try column(file, "event_index", Int64.self) == [0, 2, 2, 3])
        let group = try file.root.group("/entry/detector_events")
        #expect(group.nexusClass == "NXevent_data")
        #expect(try group.childNames() == ["event_id", "event_index", "event_time_offset", "event_time_zero"])
        let types = try group.childNames().map { try group.dataset($0).type }
        #expect(types == [.int32, .int64, .int32, .uint64])
        let zero = try group.dataset("event_time_zero")
        #expect(Set(try zero.attributeNames()) == ["offset", "units"])
        #expect(try zero.attribute("offset") == .text("1970-01-01T00:00:00Z"))
        #expect(try file.root.attribute("sluice_incomplete") == nil)
        guard case .done(let path, let counts, let problems)? = steps.last else { throw Failure() }
        #expect(path == run.scratch.file("run.nxs"))
        #expect(counts.events == 4)
        #expect(problems == [])
        #expect(!FileManager.default.fileExists(atPath: path + ".partial"))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o444)
    }

    private struct Failure: Error {}

    @Test func thePulseWithinTheStopsMillisecondBelongsToTheRun() throws {
        let run = TestRun()
        for nanoseconds in [TestRun.stop * 1_000_000 + 999_999, TestRun.stop * 1_000_000 + 1_000_000] {
            let value = EV44.encoded(
                sourceName: "detector", messageID: 0, referenceTime: [nanoseconds], referenceTimeIndex: [0],
                timeOfFlight: [1], pixelID: [1])
            run.streams.append("TEST_events", TestRun.stop, value)
        }
        let (file, _) = try run.write(TestRun.events)
        #expect(try column(file, "event_id", Int32.self).count == 1)
    }

    @Test func severalPulsesInAMessageAreCutAtTheRunsEnds() throws {
        let run = TestRun()
        let value = EV44.encoded(
            sourceName: "detector", messageID: 0, referenceTime: [-50, 0, 50, 20_000].map { TestRun.time($0) },
            referenceTimeIndex: [0, 2, 3, 5], timeOfFlight: [1, 2, 3, 4, 5, 6], pixelID: [1, 2, 3, 4, 5, 6])
        run.streams.append("TEST_events", TestRun.start, value)
        run.pulse(60, offsets: [7], pixels: [7])
        let (file, _) = try run.write(TestRun.events)
        #expect(try column(file, "event_id", Int32.self) == [3, 4, 5, 7])
        #expect(try column(file, "event_index", Int64.self) == [0, 1, 3])
        #expect(try column(file, "event_time_zero", UInt64.self) == [0, 50, 60].map { UInt64(TestRun.time($0)) })
    }

    @Test func aSourceWithoutPixelsHasNoIdentifiers() throws {
        let run = TestRun()
        run.pulse(1, offsets: [1, 2], pixels: [])
        run.pulse(2, offsets: [3], pixels: nil)
        let (file, _) = try run.write(TestRun.events)
        #expect(try column(file, "event_time_offset", Int32.self) == [1, 2, 3])
        #expect(!(try file.root.group("/entry/detector_events").contains("event_id")))
    }

    @Test func pixelsThatBeginLateStayInStep() throws {
        let run = TestRun()
        run.pulse(1, offsets: [1, 2], pixels: [])
        run.pulse(2, offsets: [3], pixels: [9])
        run.pulse(3, offsets: [4], pixels: nil)
        let (file, _) = try run.write(TestRun.events)
        #expect(try column(file, "event_id", Int32.self) == [0, 0, 9, 0])
    }

    @Test func anEmptyRunIsACompleteFile() throws {
        let run = TestRun()
        run.streams.create("TEST_events")
        let (file, _) = try run.write(TestRun.events)
        #expect(try column(file, "event_index", Int64.self) == [])
        #expect(try file.root.attribute("sluice_incomplete") == nil)
    }

    @Test func everyPartitionIsRead() throws {
        let run = TestRun()
        run.streams.create("TEST_events", partitions: 3)
        for index in 0..<300 {
            run.pulse(Int64(index), offsets: [Int32(index)], pixels: [Int32(index)], partition: index % 3)
        }
        let (file, _) = try run.write(TestRun.events)
        let ids = try column(file, "event_id", Int32.self)
        #expect(ids.sorted() == (0..<300).map { Int32($0) })
        #expect(ids.filter { $0 % 3 == 1 } == stride(from: 1, to: 300, by: 3).map { Int32($0) })
    }

    @Test func damagedMessagesAreCountedAndSkipped() throws {
        let run = TestRun()
        run.pulse(1, offsets: [1], pixels: [1])
        let good = run.streams.values("TEST_events")[0]
        for length in 0..<good.count - 16 {
            run.streams.append("TEST_events", TestRun.start + 1, Array(good[..<length]))
        }
        for (index, pixels) in [([0, 9], [1, 2]), ([5, 2], [1, 2]), ([0], [1, 2, 3]), ([-1, 0], [1, 2])] {
            let value = EV44.encoded(
                sourceName: "detector", messageID: 0, referenceTime: [TestRun.time(1), TestRun.time(2)],
                referenceTimeIndex: index.map { Int32($0) }, timeOfFlight: [1, 2], pixelID: pixels.map { Int32($0) })
            run.streams.append("TEST_events", TestRun.start + 1, value)
        }
        run.pulse(3, offsets: [2], pixels: [2])
        let (file, steps) = try run.write(TestRun.events)
        #expect(try column(file, "event_id", Int32.self) == [1, 2])
        guard case .done(_, let counts, let problems)? = steps.last else { throw Failure() }
        #expect(counts.malformed == Int64(good.count - 16 + 4))
        #expect(problems == ["\(counts.malformed) records could not be used"])
        #expect(try file.root.attribute("sluice_incomplete") == .texts(problems))
    }

    @Test func theJobsOwnStopEndsIt() throws {
        let run = TestRun()
        run.pulse(1, offsets: [1], pixels: [1])
        run.pulse(5000, offsets: [2], pixels: [2])
        let other = RunStop6S4T.encoded(
            stopTime: UInt64(TestRun.start + 10), runName: "", jobID: "another", serviceID: "", commandID: "")
        let own = RunStop6S4T.encoded(
            stopTime: UInt64(TestRun.start + 2000), runName: "TEST1", jobID: "", serviceID: "", commandID: "")
        run.streams.append("TEST_runInfo", TestRun.start + 10, other)
        run.streams.append("TEST_runInfo", TestRun.start + 2000, own)
        try WriteJob(streams: run.streams, description: run.description(TestRun.events, stop: nil)) { _ in }.run()
        let file = try NexusFile.open(run.scratch.file("run.nxs"))
        #expect(try column(file, "event_id", Int32.self) == [1])
    }

    @Test func aStopThatComesLateLeavesTheExactRun() throws {
        let run = TestRun()
        run.pulse(1, offsets: [1], pixels: [1])
        run.pulse(5000, offsets: [2], pixels: [2])
        let control = JobControl()
        // The stop is told when both pulses are in the file.
        let job = WriteJob(
            streams: run.streams, description: run.description(TestRun.events, stop: nil), control: control
        ) {
            if case .writing(let counts) = $0, counts.events == 2 { control.setStop(milliseconds: TestRun.start + 100) }
        }
        try job.run()
        let file = try NexusFile.open(run.scratch.file("run.nxs"))
        #expect(try column(file, "event_id", Int32.self) == [1])
    }

    @Test func recordsOfThisMomentWaitForTheStop() throws {
        let run = TestRun()
        let clock = SteppedClock()
        let now = clock.wallMilliseconds
        for (index, milliseconds) in [-5000, -1, 20].enumerated() {
            let value = EV44.encoded(
                sourceName: "detector", messageID: 0, referenceTime: [(now + Int64(milliseconds)) * 1_000_000],
                referenceTimeIndex: [0], timeOfFlight: [0], pixelID: [Int32(index)])
            run.streams.append("TEST_events", now + Int64(milliseconds), value)
        }
        var description = run.description(TestRun.events, stop: nil)
        description.startMilliseconds = now - 10_000
        let control = JobControl()
        var written: [Int64] = []
        let job = WriteJob(streams: run.streams, description: description, control: control, clock: clock) {
            if case .writing(let counts) = $0 {
                written.append(counts.events)
                control.setStop(milliseconds: now)
                clock.advance(milliseconds: 10_000)
            }
        }
        try job.run()
        #expect(written.first == 1)
        let file = try NexusFile.open(run.scratch.file("run.nxs"))
        #expect(try column(file, "event_id", Int32.self) == [0, 1])
    }

    @Test func anInterruptedJobLeavesAPartialFileAndCanBeginAgain() throws {
        let run = TestRun()
        run.pulse(1, offsets: [1], pixels: [1])
        let control = JobControl()
        var steps: [JobProgress] = []
        let job = WriteJob(
            streams: run.streams, description: run.description(TestRun.events, stop: nil), control: control
        ) {
            steps.append($0)
            if case .writing = $0 { control.interrupt() }
        }
        #expect(throws: FileWriterError.self) { try job.run() }
        #expect(!steps.contains { if case .failed = $0 { true } else { false } })
        let partial = try NexusFile.open(run.scratch.file("run.nxs.partial"))
        #expect(try partial.root.dataset("/entry/detector_events/event_id").values(Int32.self) == [1])
        let (file, _) = try run.write(TestRun.events)
        #expect(try column(file, "event_id", Int32.self) == [1])
        #expect(!FileManager.default.fileExists(atPath: run.scratch.file("run.nxs.partial")))
    }

    @Test func anOutageIsWaitedOut() throws {
        let run = TestRun()
        run.pulse(1, offsets: [1], pixels: [1])
        run.streams.failReads(3)
        let (file, _) = try run.write(TestRun.events)
        #expect(try column(file, "event_id", Int32.self) == [1])
    }

    @Test func whatIsMissingIsNamed() throws {
        let run = TestRun()
        for index in 0..<10 { run.pulse(Int64(index * 100), offsets: [Int32(index)], pixels: [1]) }
        run.streams.dropRecords("TEST_events", before: 4)
        let structure = TestRun.events.replacingOccurrences(
            of: "}]}]}]}",
            with: """
                }, {"module": "ev44", "config": {"topic": "TEST_absent", "source": "x"}}]},
                {"type": "group", "name": "other", "children": [
                    {"module": "ev44", "config": {"topic": "TEST_absent", "source": "x"}},
                    {"module": "xy99", "config": {"topic": "TEST_other", "source": "y"}}]}]}]}
                """)
        let (file, steps) = try run.write(structure)
        guard case .done(_, _, let problems)? = steps.last else { throw Failure() }
        #expect(try file.root.attribute("sluice_incomplete") == .texts(problems))
        for word in ["offset 4", "TEST_absent does not exist", "xy99", "event_time_offset"] {
            #expect(problems.contains { $0.contains(word) }, "\(word) in \(problems)")
        }
        #expect(try column(file, "event_time_offset", Int32.self) == [4, 5, 6, 7, 8, 9])
    }
}

/// A wall clock that stands still until it is moved.
private final class SteppedClock: Clock {
    private let wall = Mutex<Int64>(1_800_000_000_000_000_000)

    var monotonicNanoseconds: UInt64 { SystemClock().monotonicNanoseconds }
    var wallNanoseconds: Int64 { wall.withLock { $0 } }

    func advance(milliseconds: Int64) { wall.withLock { $0 += milliseconds * 1_000_000 } }
}
