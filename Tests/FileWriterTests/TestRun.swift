import FileWriter
import Foundation
import NexusFile
import Schemas
import Streams
import System
import TestSupport
import Testing

/// A short run with known events on scripted streams, long ago, so that a job for it ends at once.
struct TestRun {
    static let start: Int64 = 1_700_000_000_000
    static let stop: Int64 = 1_700_000_010_000
    static let jobID = "0d9e0a5c-0000-4000-8000-000000000001"

    let streams = ScriptedStreams()
    let scratch = TemporaryDirectory()

    /// Nanoseconds of a time in ms after the start.
    static func time(_ milliseconds: Int64) -> Int64 { (start + milliseconds) * 1_000_000 }

    /// One pulse with its events; the record's time is the pulse's.
    func pulse(
        _ milliseconds: Int64, source: String = "detector", offsets: [Int32]?, pixels: [Int32]?,
        topic: String = "TEST_events", partition: Int = 0
    ) {
        let value = EV44.encoded(
            sourceName: source, messageID: 1, referenceTime: [Self.time(milliseconds)], referenceTimeIndex: [0],
            timeOfFlight: offsets, pixelID: pixels)
        streams.append(topic, Self.start + milliseconds, value, partition: partition)
    }

    /// - Parameter sent: the record's own time where it is not that of the reading.
    func reading(_ milliseconds: Int64, _ source: String, _ value: F144.OwnedValue, sent: Int64? = nil) {
        let message = F144.encoded(sourceName: source, timestamp: Self.time(milliseconds), value: value)
        streams.append("TEST_sampleEnv", Self.start + (sent ?? milliseconds), message)
    }

    func frame(_ milliseconds: Int64, charge: Float?, period: UInt32?, vetoes: UInt32?) {
        let message = PU00.encoded(
            sourceName: "TEST", messageID: 1, referenceTime: Self.time(milliseconds), vetos: vetoes,
            periodNumber: period, protonCharge: charge)
        streams.append("TEST_events", Self.start + milliseconds, message)
    }

    func description(_ structure: String, filename: String = "run.nxs", stop: Int64? = stop) -> JobDescription {
        var description = JobDescription(
            jobID: Self.jobID, broker: "", outputDirectory: scratch.path, filename: filename,
            nexusStructure: structure, startMilliseconds: Self.start, stopMilliseconds: stop,
            controlTopics: ["TEST_runInfo"], runName: "TEST1")
        description.afterStopMilliseconds = 100
        return description
    }

    /// Writes the file and returns what is in it, with every step that was told.
    @discardableResult
    func write(_ structure: String, filename: String = "run.nxs") throws -> (file: NexusFile, steps: [JobProgress]) {
        var steps: [JobProgress] = []
        try WriteJob(streams: streams, description: description(structure, filename: filename)) { steps.append($0) }
            .run()
        return (try NexusFile.open(scratch.file(filename)), steps)
    }

    static let events = """
        {"children": [{"type": "group", "name": "entry", "attributes": {"NX_class": "NXentry"}, "children": [
            {"type": "group", "name": "detector_events", "children": [
                {"module": "ev44", "config": {"topic": "TEST_events", "source": "detector"}}]}]}]}
        """

    static let log = """
        {"children": [{"type": "group", "name": "temperature", "attributes": {"NX_class": "NXlog"}, "children": [
            {"module": "f144", "config": {"topic": "TEST_sampleEnv", "source": "T1", "type": "float", "value_units": "K"}}
        ]}]}
        """

    /// The demo's structure, filled in as the run control does.
    static func demo(variables: [String]) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var text = try String(contentsOf: root.appendingPathComponent("config/nexus/demo.json"), encoding: .utf8)
        let begin = try #require(text.range(of: "{\n              \"repeat\": \"pv\",\n"))
        let end = try #require(
            text.range(
                of: "\"type\": \"double\"}}\n              ]\n            }", range: begin.lowerBound..<text.endIndex))
        let node = "{" + text[begin.upperBound..<end.upperBound]
        let copies = variables.map {
            node.replacingOccurrences(of: "{pv_name}", with: String($0.split(separator: ":").last!))
                .replacingOccurrences(of: "{pv}", with: $0)
        }
        text.replaceSubrange(begin.lowerBound..<end.upperBound, with: copies.joined(separator: ","))
        return text.replacingOccurrences(of: "{instrument}", with: "TEST")
            .replacingOccurrences(of: "{run_number}", with: "7").replacingOccurrences(
                of: "{title}", with: "A \\\"test\\\"")
    }
}
