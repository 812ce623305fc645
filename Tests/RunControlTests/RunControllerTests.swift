import Bytes
import FlatBuffers
import Foundation
import Observability
import Schemas
import Streams
import System
import TestSupport
import Testing

@testable import RunControl

@Suite struct RunControllerTests {
    let directory = TemporaryDirectory()
    let streams = ScriptedStreams()
    let clock = ManualClock()
    static let template = #"{"name": "{title}", "run": {run_number}, "logs": [{"repeat": "pv", "source": "{pv}"}]}"#

    private func controller(instrument: String = "DEMO") throws -> RunController {
        try RunController(
            streams: streams, instrument: instrument, directory: directory.path + "/run", template: Self.template,
            metrics: Metrics(), clock: clock)
    }

    private func start(_ index: Int) throws -> [UInt8] { streams.records("DEMO_runInfo")[index].value }

    @Test func startAndStopSayTheSameRun() throws {
        let controller = try controller()
        #expect(controller.status() == RunStatus(isRunning: false, run: nil, stopTimeMilliseconds: nil))
        let map = DF12.Owned(spectrum: [1, 2, 2], detectorID: [10, 11, 12], nSpectra: 3)
        let run = try controller.start(
            RunController.Request(
                title: "Si \"300 K\"", detectorSpectrumMap: map, periodCount: 2, processVariables: ["A:B", "C"]))
        #expect(run.runNumber == 1 && run.filename == "DEMO00000001.nxs")
        #expect(controller.status() == RunStatus(isRunning: true, run: run, stopTimeMilliseconds: nil))
        clock.advance(nanoseconds: 2_000_000_000)
        let stopped = try controller.stop()
        #expect(stopped == run)
        #expect(streams.records("DEMO_runInfo").count == 2)
        try start(0).withUnsafeBytes { bytes in
            let message = try PL72(bytes)
            #expect(message.runName == "1" && message.instrumentName == "DEMO")
            #expect(message.jobID == run.jobID.description && message.filename == "DEMO00000001.nxs")
            #expect(message.startTime == UInt64(clock.wallMilliseconds - 2000) && message.stopTime == 0)
            #expect(message.nPeriods == 2 && message.controlTopic == "DEMO_runInfo")
            #expect(message.detectorSpectrumMap?.spectrum?.array == [1, 2, 2])
            #expect(message.detectorSpectrumMap?.nSpectra == 3)
            let structure = try #require(message.nexusStructure)
            let json = try JSONSerialization.jsonObject(with: Data(structure.utf8)) as? [String: Any]
            #expect(json?["name"] as? String == "Si \"300 K\"")
            #expect(json?["run"] as? Int == 1)
            #expect((json?["logs"] as? [[String: String]])?.map { $0["source"] } == ["A:B", "C"])
            let metadata = try JSONSerialization.jsonObject(with: Data((message.metadata ?? "").utf8))
            #expect((metadata as? [String: Any])?["title"] as? String == "Si \"300 K\"")
        }
        try start(1).withUnsafeBytes { bytes in
            let message = try RunStop6S4T(bytes)
            #expect(message.stopTime == UInt64(clock.wallMilliseconds))
            #expect(message.jobID == run.jobID.description && message.runName == "1")
            let command = try #require(message.commandID.flatMap { Bytes.UUID($0) })
            #expect(command != run.jobID && command != .zero)
        }
    }

    @Test func numbersGoOnAfterARestart() throws {
        let first = try controller()
        try first.start(RunController.Request(title: "a", runNumber: 41))
        try first.stop()
        let second = try controller()
        #expect(second.status() == first.status())
        #expect(try second.start(RunController.Request(title: "b")).runNumber == 42)
        #expect(try controller(instrument: "OTHER").status().run == nil)
    }

    @Test func aRunThatOutlivedItsProcessCanBeStopped() throws {
        let run = try controller().start(RunController.Request(title: "before\nthe crash é\u{2028}"))
        let next = try controller()
        #expect(next.status() == RunStatus(isRunning: true, run: run, stopTimeMilliseconds: nil))
        #expect(throws: RunControlError.alreadyRunning(instrument: "DEMO", runNumber: 1)) {
            try next.start(RunController.Request(title: "too early"))
        }
        try next.stop(stopTimeMilliseconds: run.startTimeMilliseconds + 5)
        try start(1).withUnsafeBytes { bytes in
            let message = try RunStop6S4T(bytes)
            #expect(message.jobID == run.jobID.description)
        }
        #expect(try controller().status().stopTimeMilliseconds == run.startTimeMilliseconds + 5)
    }

    @Test func aFailedAnnouncementUsesUpTheNumber() throws {
        let controller = try controller()
        let refusal = StreamError(.timedOut, "no answer")
        streams.refuse(refusal)
        #expect(throws: RunControlError.stream(refusal)) { try controller.start(RunController.Request(title: "a")) }
        #expect(!controller.status().isRunning)
        streams.refuse(nil)
        #expect(try controller.start(RunController.Request(title: "b")).runNumber == 2)
        streams.refuse(refusal)
        #expect(throws: RunControlError.stream(refusal)) { try controller.stop() }
        #expect(controller.status().isRunning)
        #expect(try self.controller().status().isRunning)
    }

    @Test func impossibleRequestsAreRefused() throws {
        let controller = try controller()
        #expect(throws: RunControlError.notRunning(instrument: "DEMO")) { try controller.stop() }
        for number in [0, -1, 100_000_000] {
            #expect(throws: RunControlError.self) {
                try controller.start(RunController.Request(title: "", runNumber: number))
            }
        }
        #expect(throws: RunControlError.self) {
            try controller.start(RunController.Request(title: String(repeating: "x", count: 5000)))
        }
        #expect(throws: RunControlError.self) { try self.controller(instrument: "../X") }
        #expect(streams.records.isEmpty)
        let run = try controller.start(RunController.Request(title: ""))
        #expect(throws: RunControlError.self) {
            try controller.stop(stopTimeMilliseconds: run.startTimeMilliseconds - 1)
        }
    }

    @Test func aBrokenTemplateStartsNothing() throws {
        let controller = try RunController(
            streams: streams, instrument: "DEMO", directory: directory.path, template: #"{"a": "{colour}"}"#,
            metrics: Metrics(), clock: clock)
        #expect(throws: RunControlError.self) { try controller.start(RunController.Request(title: "")) }
        #expect(streams.records.isEmpty && !controller.status().isRunning)
    }

    @Test(arguments: [
        (1, "run_number 7"), (2, "run_number = 7\nrun_number = 8"), (1, "run_number = x\n"), (1, ""),
        (1, "run_number = 7\n"), (2, "run_number = 7\nrunning = perhaps\n"),
        (3, "run_number = 7\nrunning = true\njob_id = \"nonsense\"\n"),
    ])
    func damagedStateIsNamedByLine(line: Int, text: String) throws {
        let path = directory.path + "/run"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/DEMO.toml"))
        #expect {
            try controller()
        } throws: { error in
            guard case RunControlError.damagedState(let named, let found, _) = error else { return false }
            return named == path + "/DEMO.toml" && found == line
        }
    }

    @Test func stateMayBeEditedOnWindows() throws {
        let run = try controller().start(RunController.Request(title: "t"))
        let path = directory.path + "/run/DEMO.toml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try Data(text.replacingOccurrences(of: "\n", with: "\r\n").utf8).write(to: URL(fileURLWithPath: path))
        #expect(try controller().status().run == run)
    }
}

@Suite struct RunMessagesTests {
    let streams = ScriptedStreams()

    private func run(_ number: Int) -> RunIdentity {
        RunIdentity(
            instrument: "X", runNumber: number, jobID: .random(), title: "", startTimeMilliseconds: 1000)
    }

    @Test func statusIsTheNewestRunsState() throws {
        #expect(throws: RunControlError.self) { try RunMessages.status(instrument: "X", streams: streams) }
        try streams.createTopic(TopicSpecification("X_runInfo"))
        #expect(try RunMessages.status(instrument: "X", streams: streams).run == nil)
        let details = RunMessages.Details(structure: "{}")
        let first = run(5)
        try RunMessages.start(first, details, streams: streams, nowMilliseconds: 1000)
        #expect(try RunMessages.status(instrument: "X", streams: streams).isRunning)
        // The stop of another job does not end this one.
        try RunMessages.stop(run(4), stopTimeMilliseconds: 1500, streams: streams, nowMilliseconds: 1500)
        #expect(try RunMessages.status(instrument: "X", streams: streams).isRunning)
        try RunMessages.stop(first, stopTimeMilliseconds: 2000, streams: streams, nowMilliseconds: 2000)
        // A writer that takes the job repeats its start.
        try RunMessages.start(first, details, streams: streams, nowMilliseconds: 2001)
        let status = try RunMessages.status(instrument: "X", streams: streams)
        #expect(!status.isRunning && status.stopTimeMilliseconds == 2000)
        #expect(status.run == first)
    }

    @Test func foreignMessagesAreSkipped() throws {
        try streams.createTopic(TopicSpecification("X_runInfo"))
        let producer = try streams.makeProducer(ProducerOptions())
        try producer.send(topic: "X_runInfo", value: Array("hello".utf8))
        try producer.send(topic: "X_runInfo", value: Array("\0\0\0\0pl72 but broken".utf8))
        try producer.send(
            topic: "X_runInfo",
            value: PL72.encoded(
                startTime: 7, runName: "LARMOR123", instrumentName: "X", nexusStructure: "",
                jobID: Bytes.UUID.random().description, filename: "LARMOR123.nxs"))
        let status = try RunMessages.status(instrument: "X", streams: streams)
        #expect(status.isRunning && status.run?.runNumber == 123 && status.run?.filename == "LARMOR123.nxs")
    }
}
