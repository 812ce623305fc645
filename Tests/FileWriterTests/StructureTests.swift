import FileWriter
import Foundation
import NexusFile
import Schemas
import TestSupport
import Testing

@Suite struct StructureTests {
    @Test func constantsOfEveryForm() throws {
        let run = TestRun()
        let structure = #"""
            {"attributes": {"note": "x\u00e9\n\ud83e\uddea"}, "children": [
                {"module": "dataset", "config": {"name": "text", "type": "string", "values": "abc"},
                 "attributes": [{"name": "units", "values": "m", "type": "string"}, {"name": "n", "values": [1, 2], "dtype": "int32"}]},
                {"module": "dataset", "config": {"name": "texts", "values": ["a", "b"]}},
                {"module": "dataset", "config": {"name": "default", "values": 3}, "attributes": {"i": 1, "r": 1.5, "b": true}},
                {"module": "dataset", "config": {"name": "int", "type": "int", "values": [[1, 2], [3]]}},
                {"module": "dataset", "config": {"name": "long", "dtype": "uint64", "value": 18446744073709551615}},
                {"type": "dataset", "name": "old", "dataset": {"type": "int64"}, "values": [4, 5],
                 "attributes": [{"units": "s"}]},
                {"type": "group", "name": "a", "children": [
                    {"type": "group", "name": "b", "children": [
                        {"module": "link", "config": {"name": "up", "source": "../../text"}},
                        {"type": "link", "name": "down", "target": "/a"}]}]}]}
            """#
        let (file, _) = try run.write(structure)
        let root = file.root
        #expect(try root.attribute("sluice_incomplete") == nil)
        #expect(try root.attribute("note") == .text("x\u{e9}\n\u{1f9ea}"))
        #expect(try root.dataset("text").text() == "abc")
        #expect(try root.dataset("text").units == "m")
        #expect(try root.dataset("text").attribute("n") == .integers([1, 2]))
        #expect(try root.dataset("texts").texts() == ["a", "b"])
        #expect(try root.dataset("default").type == .double)
        #expect(try root.dataset("default").attribute("i") == .integer(1))
        #expect(try root.dataset("default").attribute("r") == .real(1.5))
        #expect(try root.dataset("int").shape == [2, 2])
        #expect(try root.dataset("int").values(Int32.self) == [1, 2, 3, 0])
        #expect(try root.dataset("long").value(UInt64.self) == .max)
        #expect(try root.dataset("old").values(Int64.self) == [4, 5])
        #expect(try root.dataset("old").units == "s")
        #expect(try root.dataset("/a/b/up").text() == "abc")
        #expect(try root.dataset("/a/b/down/b/up").text() == "abc")
        #expect(try root.attribute("creator") == .text("sluice"))
        #expect(root.nexusClass == "NXroot")
    }

    @Test func theOlderFormOfStreams() throws {
        let run = TestRun()
        run.pulse(1, offsets: [1], pixels: [1])
        run.reading(1, "T1", .double(300))
        let structure = """
            {"children": [{"type": "group", "name": "raw_data_1", "children": [
                {"type": "group", "name": "events", "children": [
                    {"type": "stream", "stream": {"topic": "TEST_events", "source": "detector", "writer_module": "ev44"}}]},
                {"type": "group", "name": "selog", "children": [
                    {"type": "group", "name": "T1", "children": [
                        {"type": "stream", "stream": {"topic": "TEST_sampleEnv", "source": "T1", "writer_module": "f144"}}]}]}
            ]}]}
            """
        let (file, _) = try run.write(structure)
        #expect(try file.root.dataset("/raw_data_1/events/event_id").values(Int32.self) == [1])
        #expect(try file.root.dataset("/raw_data_1/selog/T1/value").values(Double.self) == [300])
    }

    @Test(arguments: [
        "", "{", "[]", "3", "{\"a\": 01x}", "{\"a\": \"\\x\"}", "{\"a\" 1}", "{} {}", "\"\u{1}\"", "nul",
        String(repeating: "[", count: 100_000), "{\"a\": 1e999}",
    ])
    func whatIsNoStructureIsRefused(text: String) throws {
        let run = TestRun()
        #expect(throws: FileWriterError.self) { try run.write(text) }
    }

    @Test(arguments: [
        #"{"children": {}}"#, #"{"children": [1]}"#, #"{"children": [{}]}"#, #"{"children": [{"type": "group"}]}"#,
        #"{"children": [{"type": "group", "name": "a/b"}]}"#, #"{"children": [{"module": "dataset", "config": {}}]}"#,
        #"{"children": [{"module": "dataset", "config": {"name": "x", "values": {}}}]}"#,
        #"{"children": [{"module": "dataset", "config": {"name": "x", "values": [1, [2]]}}]}"#,
        #"{"children": [{"module": "dataset", "config": {"name": "x", "type": "odd", "values": 1}}]}"#,
        #"{"children": [{"module": "ev44"}]}"#,
        #"{"children": [{"module": "link", "config": {"name": "x", "source": "/no"}}]}"#,
        #"{"children": [{"repeat": "pv", "type": "group", "name": "x"}]}"#,
        #"{"children": [{"module": "mdat", "config": {"items": ["odd"]}}]}"#,
    ])
    func aNodeThatCannotBeUsedIsNamed(text: String) throws {
        let run = TestRun()
        let (file, _) = try run.write(text)
        guard case .texts(let problems)? = try file.root.attribute("sluice_incomplete") else {
            Issue.record("nothing is named for \(text)")
            return
        }
        #expect(problems.count == 1)
    }

    @Test(arguments: [
        "../x.nxs", "a/../../x.nxs", "..", ".", "", "/", "a/", ".hidden.nxs", "a/.b/c.nxs", "a b.nxs", "a\u{0}.nxs",
        "ä.nxs",
        "a\\b.nxs", "~/x.nxs", String(repeating: "a", count: 300),
    ])
    func namesThatLeadElsewhereAreRefused(name: String) throws {
        let run = TestRun()
        let outside = run.scratch
        let inside = outside.file("out")
        try FileManager.default.createDirectory(atPath: inside, withIntermediateDirectories: true)
        var description = run.description(TestRun.events, filename: name)
        description.outputDirectory = inside
        var steps: [JobProgress] = []
        #expect(throws: FileWriterError.self) {
            try WriteJob(streams: run.streams, description: description) { steps.append($0) }.run()
        }
        guard case .failed(_, 400, false)? = steps.last else {
            Issue.record("\(steps)")
            return
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: outside.path) == ["out"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: inside) == [])
    }

    @Test func symbolicLinksAreNotFollowed() throws {
        let run = TestRun()
        let elsewhere = TemporaryDirectory()
        try FileManager.default.createSymbolicLink(
            atPath: run.scratch.file("link"), withDestinationPath: elsewhere.path)
        try FileManager.default.createSymbolicLink(
            atPath: run.scratch.file("file.nxs"), withDestinationPath: elsewhere.file("file.nxs"))
        #expect(throws: FileWriterError.self) { try run.write(TestRun.events, filename: "link/x.nxs") }
        #expect(throws: FileWriterError.self) { try run.write(TestRun.events, filename: "file.nxs") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.path) == [])
    }

    @Test func directoriesAreMadeAndEndingsAdded() throws {
        let run = TestRun()
        run.streams.create("TEST_events")
        try WriteJob(streams: run.streams, description: run.description(TestRun.events, filename: "/2026/a/run")) { _ in
        }
        .run()
        _ = try NexusFile.open(run.scratch.file("2026/a/run.nxs"))
    }

    @Test func anExistingFileIsNeverReplaced() throws {
        let run = TestRun()
        run.streams.create("TEST_events")
        let path = run.scratch.file("run.nxs")
        try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: FileWriterError.self) { try run.write(TestRun.events) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("precious".utf8))
    }
}
