import FileWriter
import Foundation
import NexusFile
import Schemas
import TestSupport
import Testing

@Suite struct LogFileTests {
    private func values(_ file: NexusFile) throws -> [Double] {
        try file.root.dataset("/temperature/value").values(Double.self)
    }

    @Test func theLastValueBeforeTheStartComesFirst() throws {
        let run = TestRun()
        run.reading(-300, "T1", .double(1))
        run.reading(-200, "T1", .double(2))
        run.reading(-100, "other", .double(99))
        run.reading(100, "T1", .float(3))
        // Sent again later with its old time, as forwarders do: no new reading.
        run.reading(100, "T1", .float(3), sent: 150)
        run.reading(200, "T1", .int32(4))
        run.reading(20_000, "T1", .double(5))
        let (file, _) = try run.write(TestRun.log)
        #expect(try values(file) == [2, 3, 4])
        let group = try file.root.group("temperature")
        #expect(try group.dataset("time").values(UInt64.self) == [-200, 100, 200].map { UInt64(TestRun.time($0)) })
        #expect(try group.dataset("time").attribute("start") == .text("1970-01-01T00:00:00Z"))
        #expect(try group.dataset("value").type == .float)
        #expect(try group.dataset("value").units == "K")
        #expect(try group.dataset("minimum_value").value(Double.self) == 2)
        #expect(try group.dataset("maximum_value").value(Double.self) == 4)
        #expect(try group.dataset("average_value").value(Double.self) == 3)
        #expect(group.nexusClass == "NXlog")
        #expect(try group.attribute("source") == .text("T1"))
    }

    @Test func equalReadingsAtOneTimeAreAllKept() throws {
        let run = TestRun()
        run.reading(100, "T1", .double(3))
        run.reading(100, "T1", .double(3))
        run.reading(100, "T1", .double(4))
        let (file, _) = try run.write(TestRun.log)
        #expect(try values(file) == [3, 3, 4])
    }

    @Test(arguments: [-10_000, -3_000_000, -100_000_000_000] as [Int64])
    func aValueIsFoundHoweverOldItIs(age: Int64) throws {
        let run = TestRun()
        run.reading(age - 5, "T1", .double(6))
        run.reading(age, "T1", .double(7))
        run.reading(age / 2, "other", .double(8))
        let (file, _) = try run.write(TestRun.log)
        #expect(try values(file) == [7])
    }

    @Test func alarmsAndConnectionsComeAlong() throws {
        let run = TestRun()
        run.reading(1, "T1", .double(1))
        let alarm = AL00.encoded(sourceName: "T1", timestamp: TestRun.time(2), severity: .major, message: "HIHI")
        let quiet = AL00.encoded(sourceName: "T1", timestamp: TestRun.time(3), severity: .ok, message: nil)
        let gone = EP01.encoded(timestamp: TestRun.time(4), status: .disconnected, sourceName: "T1", serviceID: nil)
        for (index, message) in [alarm, quiet, gone].enumerated() {
            run.streams.append("TEST_sampleEnv", TestRun.start + 2 + Int64(index), message)
        }
        let (file, _) = try run.write(TestRun.log)
        let group = try file.root.group("temperature")
        #expect(try group.dataset("alarm_message").texts() == ["HIHI", "NO ALARM MESSAGE"])
        #expect(try group.dataset("alarm_severity").values(Int16.self) == [2, 0])
        #expect(try group.dataset("alarm_time").values(UInt64.self) == [2, 3].map { UInt64(TestRun.time($0)) })
        #expect(try group.dataset("connection_status").values(Int16.self) == [3])
        #expect(try group.dataset("connection_status_time").values(UInt64.self) == [UInt64(TestRun.time(4))])
    }

    @Test func integersKeepAllBitsAndAreCut() throws {
        let run = TestRun()
        run.reading(1, "T1", .uint64(.max))
        run.reading(2, "T1", .int64(-5))
        run.reading(3, "T1", .double(2.6))
        let structure = TestRun.log.replacingOccurrences(of: "\"float\"", with: "\"uint64\"")
        let (file, _) = try run.write(structure)
        #expect(try file.root.dataset("/temperature/value").values(UInt64.self) == [.max, 0, 3])
    }

    @Test func arraysAreNamedAsUnusable() throws {
        let run = TestRun()
        run.reading(1, "T1", .doubleArray([1, 2]))
        let (file, _) = try run.write(TestRun.log)
        #expect(try values(file) == [])
        #expect(try file.root.attribute("sluice_incomplete") == .texts(["1 records could not be used"]))
    }

    @Test func framesBecomeTheFrameLog() throws {
        let run = TestRun()
        run.frame(-20, charge: 9, period: 9, vetoes: 0)
        run.frame(20, charge: 0.5, period: 0, vetoes: 0)
        run.frame(40, charge: 0.25, period: 1, vetoes: 4)
        run.frame(60, charge: nil, period: nil, vetoes: nil)
        let structure = """
            {"children": [
                {"module": "mdat", "config": {"items": ["start_time", "end_time", "duration", "proton_charge",
                                                        "raw_frames", "good_frames", "total_counts"]}},
                {"type": "group", "name": "framelog", "children": [
                    {"module": "pu00", "config": {"topic": "TEST_events", "source": "TEST"}}]}]}
            """
        let (file, _) = try run.write(structure)
        let log = try file.root.group("framelog")
        #expect(try log.dataset("proton_charge/value").values(Float.self) == [0.5, 0.25])
        #expect(try log.dataset("proton_charge/value").units == "uAh")
        #expect(try log.dataset("period_log/value").values(Int32.self) == [1, 2])
        #expect(try log.dataset("veto_log/value").values(UInt32.self) == [0, 4])
        #expect(try log.dataset("veto_log/time").values(UInt64.self) == [20, 40].map { UInt64(TestRun.time($0)) })
        #expect(try file.root.dataset("proton_charge").value(Double.self) == 0.5)
        #expect(try file.root.dataset("raw_frames").value(Int64.self) == 3)
        #expect(try file.root.dataset("good_frames").value(Int64.self) == 2)
        #expect(try file.root.dataset("duration").value(Double.self) == 10)
        #expect(try file.root.dataset("start_time").text() == "2023-11-14T22:13:20.000Z")
        #expect(try file.root.dataset("end_time").text() == "2023-11-14T22:13:30.000Z")
    }
}
