import FlatBuffers
import Foundation
import NexusFile
import Schemas
import Streams
import Synchronization
import System
import TestSupport
import Testing

@testable import EventSource

@Suite struct NexusReplayTests {
    static let template = """
        {"title": "{title}", "run": {run_number}, "events": [{"repeat": "events", "s": "{source}", "g": "{detector}"}],
        "logs": [{"repeat": "log", "name": "{log}", "type": "{type}", "units": "{units}"}]}
        """

    let clock = ManualClock()
    let streams = ScriptedStreams()

    private func configuration(_ file: RecordedFile, _ speed: ReplaySpeed = .asFastAsPossible) -> ReplayConfiguration {
        var configuration = ReplayConfiguration(path: file.path, structureTemplate: Self.template)
        configuration.speed = speed
        configuration.times = .original
        return configuration
    }

    private func replay(_ configuration: ReplayConfiguration, stop: StopSignal = StopSignal()) throws -> ReplayProgress
    {
        let replay = try NexusReplay(streams: streams, configuration: configuration, clock: clock) { wait, _ in
            clock.advance(nanoseconds: wait)
        }
        return try replay.run(until: stop)
    }

    private struct Events: Equatable {
        var source = ""
        var time: Int64 = 0
        var pixels: [Int32] = []
        var times: [Int32] = []
    }

    private func events(_ topic: String) throws -> [Events] {
        try streams.records(topic).compactMap { record in
            try record.value.withUnsafeBytes { bytes in
                guard SchemaIdentifier.of(bytes) == "ev44" else { return nil }
                let view = try EV44(bytes)
                #expect(record.key == nil)
                let time = try #require(view.referenceTime.first)
                #expect(record.timestampMilliseconds == time / 1_000_000)
                return Events(
                    source: view.sourceName, time: time, pixels: view.pixelID?.array ?? [],
                    times: view.timeOfFlight?.array ?? [])
            }
        }
    }

    private func pulses(_ topic: String) throws -> [PU00] {
        try streams.records(topic).compactMap { record in
            try record.value.withUnsafeBytes { bytes in
                SchemaIdentifier.of(bytes) == "pu00" ? try PU00(bytes) : nil
            }
        }
    }

    private struct LogValue: Equatable {
        var name: String
        var time: Int64
        var value: F144.OwnedValue
    }

    private func logs(_ topic: String) throws -> [LogValue] {
        try streams.records(topic).map { record in
            try record.value.withUnsafeBytes { bytes in
                let view = try F144(bytes)
                #expect(record.key == Array(view.sourceName.utf8))
                return LogValue(name: view.sourceName, time: view.timestamp, value: view.value.owned)
            }
        }
    }

    @Test func anISISRunComesBackEventByEvent() throws {
        let file = RecordedFile()
        try file.writeISIS()
        let progress = try replay(configuration(file))
        let start = RecordedFile.startNanoseconds
        let events = try events("SANS2D_events")
        #expect(events.count == 5)
        #expect(events.flatMap(\.pixels) == RecordedFile.pixels.map { Int32($0) })
        #expect(
            events.flatMap(\.times) == RecordedFile.times.map { Int32((Double($0) * 1000).rounded(.toNearestOrEven)) })
        #expect(events.map(\.pixels.count) == [3, 0, 4, 1, 4])
        let seconds = [2_940_000_060, 3_039_999_960, 3_140_000_100, 3_240_000_010, 3_340_000_300] as [Int64]
        #expect(events.map(\.time) == seconds.map { start + $0 })
        #expect(Set(events.map(\.source)) == ["detector_1_events"])
        let pulses = try pulses("SANS2D_events")
        #expect(pulses.map(\.protonCharge) == RecordedFile.charges)
        #expect(pulses.map(\.periodNumber) == [0, 0, 1, 1, 0])
        #expect(pulses.map(\.referenceTime) == events.map(\.time))
        #expect(pulses.map(\.messageID) == [0, 1, 2, 3, 4])
        let third = Int64((Double(3.1 as Float) * 1e9).rounded())
        let fourth = Int64((Double(3.2 as Float) * 1e9).rounded())
        let last = Int64((Double(3.9 as Float) * 1e9).rounded())
        let expected = [
            LogValue(name: "Temp", time: start - 30_000_000_000, value: .float(25.11)),
            LogValue(name: "Temp", time: start + 1_000_000_000, value: .float(25.2)),
            LogValue(name: "Fine", time: start + 3_000_000_000, value: .double(0.1)),
            LogValue(name: "Temp", time: start + third, value: .float(25.3)),
            LogValue(name: "Temp", time: start + third, value: .float(25.4)),
            LogValue(name: "Count", time: start + fourth, value: .int32(-7)),
            LogValue(name: "Large", time: start + last, value: .int64(.max)),
        ]
        #expect(try logs("SANS2D_sampleEnv") == expected)
        #expect(progress.isComplete && progress.events == 12 && progress.pulses == 5 && progress.logValues == 7)
        #expect(progress.eventsTotal == 12 && progress.pulsesTotal == 5 && progress.logValuesTotal == 7)
        #expect(progress.notices.count == 2)
        #expect(
            progress.notices.contains { $0.contains("Words") } && progress.notices.contains { $0.contains("1 log") })
        #expect(progress.stopTimeMilliseconds == (start + last) / 1_000_000 + 1)
    }

    @Test func startAndStopAnnounceTheRun() throws {
        let file = RecordedFile()
        try file.writeISIS()
        var configuration = configuration(file)
        configuration.detectorSpectrumMap = try DetectorSpectrumMapFile(
            parsing: Array("n\n3\nDET SPEC\n1 7\n2 7\n3 8\n".utf8), path: "map")
        let progress = try replay(configuration)
        let commands = streams.records("SANS2D_runInfo")
        #expect(commands.count == 2)
        let start = try commands[0].value.withUnsafeBytes { try PL72($0).copied }
        // The run began at 1 460 429 932 s; its first log value is 30 s older.
        #expect(start.startTime == 1_460_429_902_000 && start.runName == "12345" && start.instrument == "SANS2D")
        #expect(start.jobID == progress.jobID && start.filename == progress.filename && start.periods == 2)
        #expect(start.detectors == [1, 2, 3] && start.spectra == [7, 7, 8] && start.spectrumCount == 3)
        #expect(start.controlTopic == "SANS2D_runInfo")
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data((start.structure ?? "").utf8)) as? [String: Any])
        #expect(json["title"] as? String == "A \"title\"" && json["run"] as? Int == 12345)
        #expect(json["events"] as? [[String: String]] == [["s": "detector_1_events", "g": "detector_1"]])
        let logs = try #require(json["logs"] as? [[String: String]])
        #expect(logs.map { $0["name"] } == ["Count", "Fine", "Large", "Temp"])
        #expect(logs.map { $0["type"] } == ["int32", "double", "int64", "float"])
        #expect(logs.last?["units"] == "K")
        try commands[1].value.withUnsafeBytes { bytes in
            let stop = try RunStop6S4T(bytes)
            #expect(stop.jobID == progress.jobID && stop.stopTime == UInt64(progress.stopTimeMilliseconds))
            #expect(stop.commandID != nil && stop.commandID != stop.jobID)
        }
        // Control messages are new ones, whatever the times of the data.
        #expect(commands.allSatisfy { $0.timestampMilliseconds == clock.wallMilliseconds })
    }

    @Test func banksOfAnESSFileShareTheirPulses() throws {
        let file = RecordedFile()
        try file.writeESS()
        var configuration = configuration(file)
        configuration.instrument = "LOKI"
        configuration.runNumber = 3
        let progress = try replay(configuration)
        let milliseconds = [100, 100, 171, 240].map { RecordedFile.startNanoseconds + $0 * 1_000_000 }
        let first = "events"
        let second = "bank_b_events"
        #expect(
            try events("LOKI_events") == [
                Events(source: first, time: milliseconds[0], pixels: [1, 2], times: [10, 20]),
                Events(source: second, time: milliseconds[1], pixels: [9], times: [-5]),
                Events(source: first, time: milliseconds[2], pixels: [3], times: [2_000_000_000]),
                Events(source: second, time: milliseconds[3], pixels: [], times: []),
            ])
        #expect(try pulses("LOKI_events").map(\.referenceTime) == [milliseconds[0], milliseconds[2], milliseconds[3]])
        #expect(try pulses("LOKI_events").allSatisfy { $0.protonCharge == nil && $0.periodNumber == nil })
        let value = LogValue(
            name: "speed", time: RecordedFile.startNanoseconds + 150_000_000, value: .double(14))
        #expect(try logs("LOKI_sampleEnv") == [value])
        #expect(progress.isComplete && progress.pulses == 3)
    }

    @Test(arguments: [
        (ReplaySpeed.recorded, 3_900_000_000, 0), (.times(10), 390_000_000, 3_510_000_000),
        (.times(0.5), 7_800_000_000, 0), (.asFastAsPossible, 0, 3_900_000_000),
    ])
    func shiftedTimesNeverLieInTheFuture(speed: ReplaySpeed, sending: Int64, backdated: Int64) throws {
        let file = RecordedFile()
        try file.writeISIS()
        var configuration = configuration(file, speed)
        configuration.times = .shifted
        let begin = clock.wallNanoseconds
        let progress = try replay(configuration)
        #expect(abs(clock.wallNanoseconds - begin - sending) < 1_000_000)
        #expect(abs(progress.startTimeMilliseconds - (begin - backdated) / 1_000_000) <= 1)
        #expect(progress.durationNanoseconds == Int64((Double(3.9 as Float) * 1e9).rounded()))
        if speed != .times(0.5) {
            #expect(abs(progress.stopTimeMilliseconds - clock.wallMilliseconds) <= 2)
        }
        let times = try events("SANS2D_events").map(\.time)
        #expect(zip(times.dropFirst(), times).map { $0 - $1 } == [99_999_900, 100_000_140, 99_999_910, 100_000_290])
    }

    @Test func pulsesAreDueAtTheirRecordedTimes() throws {
        let file = RecordedFile()
        try file.writeISIS()
        let due = Mutex<[UInt64]>([])
        let clock = self.clock
        let streams = ScriptedStreams { record in
            let isPulse = record.value.withUnsafeBytes { SchemaIdentifier.of($0) == "pu00" }
            if isPulse { due.withLock { $0.append(clock.monotonicNanoseconds) } }
        }
        let begin = clock.monotonicNanoseconds
        let replay = try NexusReplay(
            streams: streams, configuration: configuration(file, .times(2)), clock: clock
        ) { wait, _ in clock.advance(nanoseconds: wait) }
        try replay.run(until: StopSignal())
        let expected = RecordedFile.pulseSeconds.map { $0 / 2 }
        let found = due.withLock { $0 }.map { Double($0 - begin) * 1e-9 }
        #expect(found.count == 5)
        for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-6) }
    }

    @Test func aStoppedReplayEndsItsRun() throws {
        let file = RecordedFile()
        try file.writeISIS()
        let stop = StopSignal()
        let streams = ScriptedStreams { record in
            let isPulse = record.value.withUnsafeBytes { SchemaIdentifier.of($0) == "pu00" }
            if isPulse { stop.request() }
        }
        let replay = try NexusReplay(
            streams: streams, configuration: configuration(file), clock: clock
        ) { _, _ in }
        let progress = try replay.run(until: stop)
        #expect(!progress.isComplete && progress.pulses == 1)
        #expect(streams.records("SANS2D_runInfo").count == 2)
        let lastPulse = (RecordedFile.startNanoseconds + 2_940_000_060) / 1_000_000
        #expect(progress.stopTimeMilliseconds == lastPulse + 1)
    }

    @Test func whatCannotBeDeliveredFailsTheReplay() throws {
        let file = RecordedFile()
        try file.writeISIS()
        let refusal = StreamError(.storage, "the disk is full")
        let holder = Mutex<ScriptedStreams?>(nil)
        let streams = ScriptedStreams { record in
            let isEvents = record.topic.hasSuffix("_events")
            if isEvents { holder.withLock { $0?.refuse(refusal) } }
        }
        holder.withLock { $0 = streams }
        defer { holder.withLock { $0 = nil } }
        let replay = try NexusReplay(
            streams: streams, configuration: configuration(file), clock: clock
        ) { _, _ in }
        #expect(throws: EventSourceError.stream(refusal)) { try replay.run(until: StopSignal()) }
    }

    @Test func trailingLogsCanBeLeftOut() throws {
        let file = RecordedFile()
        try file.writeISIS()
        var configuration = configuration(file)
        configuration.sendsTrailingLogs = false
        let progress = try replay(configuration)
        #expect(progress.logValues == 6 && progress.logValuesTotal == 6 && progress.isComplete)
        #expect(
            progress.stopTimeMilliseconds == (RecordedFile.startNanoseconds + 3_340_000_300) / 1_000_000 + 1)
    }

    @Test func theStructureThatComesWithTheProgramFits() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let template = try String(
            contentsOf: root.appendingPathComponent("config/nexus/replay.json"), encoding: .utf8)
        let file = RecordedFile()
        try file.writeISIS()
        var configuration = configuration(file)
        configuration.structureTemplate = template
        _ = try replay(configuration)
        let start = try streams.records("SANS2D_runInfo")[0].value.withUnsafeBytes { try PL72($0).copied }
        let structure = start.structure ?? ""
        #expect(try JSONSerialization.jsonObject(with: Data(structure.utf8)) is [String: Any])
        #expect(structure.contains(#""source": "detector_1_events""#) && structure.contains(#""source": "Temp""#))
    }
}

/// What a test compares of a run start, beyond the life of the message.
private struct CopiedStart {
    var startTime: UInt64
    var runName, instrument, jobID, filename, structure, controlTopic: String?
    var periods: UInt32
    var detectors, spectra: [Int32]?
    var spectrumCount: Int32?
}

extension PL72 {
    fileprivate var copied: CopiedStart {
        CopiedStart(
            startTime: startTime, runName: runName, instrument: instrumentName, jobID: jobID, filename: filename,
            structure: nexusStructure, controlTopic: controlTopic, periods: nPeriods,
            detectors: detectorSpectrumMap?.detectorID?.array, spectra: detectorSpectrumMap?.spectrum?.array,
            spectrumCount: detectorSpectrumMap?.nSpectra)
    }
}
