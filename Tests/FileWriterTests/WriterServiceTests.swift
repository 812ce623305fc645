import FileWriter
import Foundation
import NexusFile
import Observability
import Schemas
import Streams
import Synchronization
import System
import TestSupport
import Testing

@Suite struct WriterServiceTests {
    /// A service on its thread; `stop` ends it and waits.
    private final class Running {
        let service: WriterService
        private let signal = StopSignal()
        private let thread: System.Thread

        init(
            _ run: TestRun, launcher: (any JobLauncher)? = nil, metrics: Metrics = Metrics(), statusTopic: String? = nil
        ) {
            var configuration = WriterConfiguration(outputDirectory: run.scratch.path, broker: "")
            configuration.afterStopMilliseconds = 50
            configuration.statusIntervalMilliseconds = 100
            configuration.statusTopic = statusTopic
            let service = WriterService(
                streams: run.streams, configuration: configuration, launcher: launcher ?? ThreadLauncher(run.streams),
                metrics: metrics)
            self.service = service
            let signal = self.signal
            thread = System.Thread("service") { service.run(until: signal) }
            while !service.isServing { _ = StopSignal().wait(milliseconds: 1) }
        }

        func stop() {
            signal.request()
            thread.join()
        }
    }

    private func startMessage(
        _ run: TestRun, jobID: String = TestRun.jobID, filename: String = "run.nxs", runName: String = "TEST1",
        structure: String = TestRun.events, control: String? = nil, startTime: UInt64 = UInt64(TestRun.start)
    ) {
        let message = startBytes(
            jobID: jobID, filename: filename, runName: runName, structure: structure, control: control,
            startTime: startTime)
        run.streams.append("TEST_runInfo", TestRun.start, message)
    }

    private func startBytes(
        jobID: String = TestRun.jobID, filename: String = "run.nxs", runName: String = "TEST1",
        structure: String = TestRun.events, control: String? = nil, startTime: UInt64 = UInt64(TestRun.start)
    ) -> [UInt8] {
        PL72.encoded(
            startTime: startTime, runName: runName, instrumentName: "TEST", nexusStructure: structure, jobID: jobID,
            filename: filename, metadata: "{\"a\":1}", controlTopic: control)
    }

    private func stopBytes(jobID: String = TestRun.jobID) -> [UInt8] {
        RunStop6S4T.encoded(
            stopTime: UInt64(TestRun.stop), runName: nil, jobID: jobID, serviceID: nil, commandID: "stop-1")
    }

    private func stopMessage(_ run: TestRun, jobID: String = TestRun.jobID, topic: String = "TEST_runInfo") {
        run.streams.append(topic, TestRun.stop, stopBytes(jobID: jobID))
    }

    /// Messages of one schema on a topic.
    private func replies<V: SchemaView, R>(_ run: TestRun, _ topic: String, _: V.Type, _ read: (V) -> R) -> [R] {
        run.streams.values(topic).compactMap { bytes in bytes.withUnsafeBytes { raw in (try? V(raw)).map(read) } }
    }

    /// Waits for a condition, at most half a minute.
    private func wait(_ condition: () -> Bool) -> Bool {
        let clock = SystemClock()
        let deadline = clock.monotonicNanoseconds + 30_000_000_000
        while clock.monotonicNanoseconds < deadline {
            if condition() { return true }
            _ = StopSignal().wait(milliseconds: 2)
        }
        return false
    }

    private struct Finish: Equatable {
        let jobID: String, isError: Bool, file: String, metadata: String?, message: String
    }

    private func finishes(_ run: TestRun, _ topic: String = "TEST_runInfo") -> [Finish] {
        replies(run, topic, WRDN.self) {
            Finish(
                jobID: $0.jobID, isError: $0.errorEncountered, file: $0.fileName, metadata: $0.metadata,
                message: $0.message ?? "")
        }
    }

    private func answers(_ run: TestRun, _ topic: String = "TEST_runInfo") -> [Int32] {
        replies(run, topic, ANSW.self) { $0.statusCode }
    }

    @Test func aRunFromStartToStop() throws {
        let run = TestRun()
        run.streams.create("TEST_runInfo")
        let metrics = Metrics()
        let running = Running(run, metrics: metrics)
        defer { running.stop() }
        run.pulse(5, offsets: [1, 2], pixels: [3, 4])
        startMessage(run)
        #expect(wait { answers(run) == [201] })
        #expect(
            wait {
                replies(run, "TEST_runInfo", X5F2.self) { $0.statusJSON ?? "" }.contains { $0.contains("\"writing\"") }
            })
        #expect(running.service.jobs.first?.state == .writing)
        stopMessage(run)
        #expect(wait { finishes(run).count == 1 })
        #expect(answers(run) == [201, 201])
        let path = run.scratch.file("run.nxs")
        #expect(
            finishes(run) == [
                Finish(jobID: TestRun.jobID, isError: false, file: path, metadata: "{\"a\":1}", message: "2 events")
            ])
        #expect(try NexusFile.open(path).root.dataset("/entry/detector_events/event_id").values(Int32.self) == [3, 4])
        #expect(wait { running.service.jobs.first?.state == .finished })
        #expect(running.service.jobs.first?.counts.events == 2)
        #expect(metrics.prometheusText().contains("sluice_writer_events_total 2\n"))
        #expect(metrics.prometheusText().contains("sluice_writer_jobs_total{outcome=\"finished\"} 1\n"))
    }

    @Test func aRunThatBeganBeforeTheServiceIsFound() throws {
        let run = TestRun()
        run.pulse(5, offsets: [1], pixels: [3])
        startMessage(run, jobID: "old", filename: "old.nxs", runName: "TEST0")
        stopMessage(run, jobID: "old")
        startMessage(run)
        let running = Running(run)
        defer { running.stop() }
        #expect(wait { answers(run) == [201] })
        stopMessage(run)
        #expect(wait { finishes(run).map(\.jobID) == [TestRun.jobID] })
        #expect(!FileManager.default.fileExists(atPath: run.scratch.file("old.nxs")))
    }

    @Test func aTopicThatComesUpLateIsServedFromItsFirstCommand() throws {
        let run = TestRun()
        run.streams.create("OTHER_runInfo")
        let running = Running(run, statusTopic: "{instrument}_status")
        defer { running.stop() }
        run.pulse(5, offsets: [1], pixels: [3])
        run.streams.append("TEST_runInfo", TestRun.start, [startBytes(), stopBytes()])
        #expect(wait { finishes(run, "TEST_status").count == 1 })
    }

    @Test func aJobLeftByAServiceIsBegunAgainByTheNext() throws {
        let run = TestRun()
        run.streams.create("TEST_runInfo")
        run.pulse(5, offsets: [1], pixels: [3])
        let first = Running(run)
        startMessage(run)
        #expect(wait { answers(run) == [201] })
        first.stop()
        #expect(FileManager.default.fileExists(atPath: run.scratch.file("run.nxs.partial")))
        stopMessage(run)
        startMessage(run, jobID: "next", filename: "next.nxs", runName: "TEST2")
        let second = Running(run)
        defer { second.stop() }
        #expect(wait { finishes(run).contains { $0.jobID == TestRun.jobID && !$0.isError } })
        #expect(
            try NexusFile.open(run.scratch.file("run.nxs")).root.dataset("/entry/detector_events/event_id").values(
                Int32.self) == [3])
    }

    @Test func aControlTopicOfItsOwnGetsTheReplies() throws {
        let run = TestRun()
        run.streams.create("TEST_runInfo")
        run.streams.create("control")
        let running = Running(run)
        defer { running.stop() }
        run.pulse(5, offsets: [1], pixels: [3])
        startMessage(run, control: "control")
        #expect(wait { answers(run, "control") == [201] })
        #expect(replies(run, "control", PL72.self) { $0.jobID } == [TestRun.jobID])
        stopMessage(run, topic: "control")
        #expect(wait { finishes(run, "control").count == 1 })
        #expect(run.streams.values("TEST_runInfo").count == 1)
    }

    @Test func aStatusTopicKeepsTheRunTopicClean() throws {
        let run = TestRun()
        run.streams.create("TEST_runInfo")
        let running = Running(run, statusTopic: "{instrument}_writerStatus")
        defer { running.stop() }
        #expect(
            wait {
                replies(run, "TEST_writerStatus", X5F2.self) { $0.statusJSON ?? "" }.contains {
                    $0.contains("\"idle\"")
                }
            })
        run.streams.create("TEST_events")
        startMessage(run)
        stopMessage(run)
        #expect(wait { finishes(run, "TEST_writerStatus").count == 1 })
        #expect(run.streams.values("TEST_runInfo").count == 2)
    }

    @Test func startsThatAreNotUsableAreRejected() throws {
        let run = TestRun()
        run.streams.create("TEST_runInfo")
        let running = Running(run, statusTopic: "replies")
        defer { running.stop() }
        startMessage(run, jobID: "1", filename: "../x.nxs")
        startMessage(run, jobID: "2", filename: "")
        startMessage(run, jobID: "3", structure: "")
        startMessage(run, jobID: "", structure: TestRun.events)
        startMessage(run, jobID: "5", startTime: UInt64(TestRun.start) * 1_000_000)
        startMessage(run, jobID: "6", filename: "six.nxs", structure: "{")
        #expect(wait { answers(run, "replies").count == 6 })
        #expect(answers(run, "replies").sorted() == [400, 400, 400, 400, 400, 500])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: run.scratch.path).filter { $0.hasSuffix(".nxs") } == [])
    }

    @Test func aNewRunEndsTheOneBeforeIt() throws {
        let run = TestRun()
        run.streams.create("TEST_runInfo")
        run.pulse(5, offsets: [1], pixels: [3])
        run.pulse(500, offsets: [2], pixels: [4])
        let running = Running(run)
        defer { running.stop() }
        startMessage(run)
        #expect(wait { answers(run) == [201] })
        startMessage(run, jobID: "next", filename: "next.nxs", runName: "TEST2", startTime: UInt64(TestRun.start + 100))
        #expect(wait { finishes(run).contains { $0.jobID == TestRun.jobID } })
        let first = try NexusFile.open(run.scratch.file("run.nxs"))
        #expect(try first.root.dataset("/entry/detector_events/event_id").values(Int32.self) == [3])
        stopMessage(run, jobID: "next")
        #expect(wait { finishes(run).contains { $0.jobID == "next" } })
    }

    /// Fails in the way of a crashed process, so many times, then works.
    private final class CrashingLauncher: JobLauncher {
        private final class Crashed: RunningJob {
            private var isTold = false
            func poll() -> [RunningJobEvent] {
                defer { isTold = true }
                return isTold ? [] : [.ended(reason: "its process was ended by signal 11 (Segmentation fault)")]
            }
            func setStop(milliseconds: Int64) {}
            func interrupt() {}
        }

        private let crashes: Atomic<Int>
        private let real: ThreadLauncher

        init(_ crashes: Int, _ streams: any Streams) {
            self.crashes = Atomic(crashes)
            real = ThreadLauncher(streams)
        }

        func launch(_ description: JobDescription) throws(FileWriterError) -> any RunningJob {
            crashes.wrappingSubtract(1, ordering: .relaxed).oldValue > 0 ? Crashed() : try real.launch(description)
        }
    }

    @Test func aCrashedJobIsWrittenAgainFromTheLog() throws {
        let run = TestRun()
        run.pulse(5, offsets: [1], pixels: [3])
        run.streams.create("TEST_runInfo")
        let running = Running(run, launcher: CrashingLauncher(1, run.streams))
        defer { running.stop() }
        startMessage(run)
        stopMessage(run)
        #expect(wait { finishes(run).count == 1 })
        let finish = try #require(finishes(run).first)
        #expect(!finish.isError)
        #expect(finish.message.contains("signal 11"))
    }

    @Test func aJobThatCrashesTwiceHasFailed() throws {
        let run = TestRun()
        run.streams.create("TEST_runInfo")
        let running = Running(run, launcher: CrashingLauncher(2, run.streams))
        defer { running.stop() }
        startMessage(run)
        #expect(wait { finishes(run).count == 1 })
        let finish = try #require(finishes(run).first)
        #expect(finish.isError)
        #expect(finish.message.contains("signal 11"))
        #expect(answers(run) == [500])
    }
}
