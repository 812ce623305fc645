import Foundation
import NexusFile
import Testing

@testable import EventSource

@Suite struct RecordedRunTests {
    private func expectUnreadable(_ file: RecordedFile, _ words: String...) {
        #expect {
            try RecordedRun(file.path)
        } throws: { error in
            guard case EventSourceError.unreadable(let path, let reason) = error else { return false }
            return path == file.path && words.allSatisfy { reason.contains($0) }
        }
    }

    @Test func aFileThatIsNone() throws {
        let file = RecordedFile()
        expectUnreadable(file, "No such file")
        try Data("this is no HDF5 file".utf8).write(to: URL(fileURLWithPath: file.path))
        expectUnreadable(file)
    }

    @Test func aFileWithoutAnEntryOrEvents() throws {
        let empty = RecordedFile()
        try NexusFile.create(empty.path).close()
        expectUnreadable(empty, "raw_data_1")
        let histograms = RecordedFile()
        let file = try NexusFile.create(histograms.path)
        try file.root.createGroup("raw_data_1", class: "NXentry").createGroup("detector_1").write("counts", 1 as Int32)
        try file.close()
        expectUnreadable(histograms, "/raw_data_1", "event_id")
    }

    @Test func indicesThatGoBack() throws {
        let file = RecordedFile()
        try file.writeISIS { entry in
            let bad = try entry.createGroup("detector_2_events")
            try bad.write("event_id", values: [1, 2] as [Int32])
            try bad.write("event_time_offset", values: [1, 2] as [Float])
            try bad.write("event_time_zero", values: [1, 2, 3])
            try bad.write("event_index", values: [0, 2, 1] as [Int64])
        }
        expectUnreadable(file, "/raw_data_1/detector_2_events/event_index[2]")
    }

    @Test func columnsOfUnequalLength() throws {
        let file = RecordedFile()
        try file.writeISIS { entry in
            let bad = try entry.createGroup("detector_2_events")
            try bad.write("event_id", values: [1, 2] as [Int32])
            try bad.write("event_time_offset", values: [1] as [Float])
            try bad.write("event_time_zero", values: [1.0])
            try bad.write("event_index", values: [0] as [Int64])
        }
        expectUnreadable(file, "/raw_data_1/detector_2_events", "length")
    }

    @Test func pulsesAndIndicesOfUnequalLength() throws {
        let file = RecordedFile()
        try file.writeISIS { entry in
            let bad = try entry.createGroup("detector_2_events")
            try bad.write("event_id", values: [1] as [Int32])
            try bad.write("event_time_offset", values: [1] as [Float])
            try bad.write("event_time_zero", values: [1.0, 2])
            try bad.write("event_index", values: [0] as [Int64])
        }
        expectUnreadable(file, "event_index has 1 entries, event_time_zero 2")
    }

    @Test(arguments: ["fortnight", "m"])
    func unitsThatAreNone(unit: String) throws {
        let file = RecordedFile()
        try file.writeISIS { entry in
            try entry.dataset("detector_1_events/event_time_offset").setAttribute("units", unit)
        }
        expectUnreadable(file, "/raw_data_1/detector_1_events/event_time_offset", unit)
    }

    @Test(arguments: ["second", "microsecond", "us"])
    func microsecondsUnderSeveralNames(unit: String) throws {
        let file = RecordedFile()
        try file.writeISIS { entry in
            try entry.dataset("detector_1_events/event_time_offset").setAttribute("units", unit)
        }
        let run = try RecordedRun(file.path)
        try run.banks[0].withEvents(0..<1) { _, times in #expect(times[0] == 24246) }
    }

    @Test func framesThatDoNotFitAreLeftOut() throws {
        let file = RecordedFile()
        try file.writeISIS()
        let whole = try RecordedRun(file.path)
        #expect(whole.protonCharges.count == 5 && whole.notices.count == 1)
        let other = RecordedFile()
        try other.writeISIS { entry in
            let second = try entry.createGroup("detector_2_events")
            try second.write("event_id", values: [1] as [Int32])
            try second.write("event_time_offset", values: [1] as [Float])
            try second.write("event_time_zero", values: [9.0])
            try second.write("event_index", values: [0] as [Int64])
        }
        let run = try RecordedRun(other.path)
        #expect(run.pulseTimes.count == 6 && run.protonCharges.isEmpty)
        #expect(run.notices.contains { $0.contains("5 values for 6 pulses") })
    }

    @Test func timesBeyondFourByteNanoseconds() throws {
        let file = RecordedFile()
        try file.writeISIS { entry in
            try entry.dataset("detector_1_events/event_time_offset").setAttribute("units", "min")
        }
        let run = try RecordedRun(file.path)
        #expect(throws: EventSourceError.self) { try run.banks[0].withEvents(0..<1) { _, _ in } }
    }
}

@Suite struct RecordedTimeTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2016-04-12T02:58:52", 1_460_429_932_000_000_000),
        ("2016-04-12T03:58:52+01:00", 1_460_429_932_000_000_000),
        ("2016-04-11 22:28:52.5-0430", 1_460_429_932_500_000_000),
        ("2000-02-29T00:00:00.000000001Z", 951_782_400_000_000_001),
        ("1969-12-31T23:59:59Z", -1_000_000_000),
    ])
    func isoTexts(text: String, nanoseconds: Int64) {
        #expect(RecordedTime.nanoseconds(iso: text) == nanoseconds)
    }

    @Test(arguments: [
        "", "yesterday", "2016-13-12T02:58:52", "2016-04-12", "2016-04-12T02:58:52X", "2016-04-12T02:58:52+1",
        "2016-04-12T02:58:52.", "2016-04-12T25:00:00", "9999-01-01T00:00:00",
    ])
    func textsThatAreNoTimes(text: String) {
        #expect(RecordedTime.nanoseconds(iso: text) == nil)
    }

    @Test func numbersThatAreNoTimes() {
        #expect(RecordedTime.nanoseconds(1.5, unitNanoseconds: 1e9) == 1_500_000_000)
        for value in [Double.nan, .infinity, 9.2e18, -1e300] {
            #expect(RecordedTime.nanoseconds(value, unitNanoseconds: 1e9) == nil)
        }
    }
}

@Suite struct DetectorSpectrumMapFileTests {
    private func parse(_ text: String) throws(EventSourceError) -> DetectorSpectrumMapFile {
        try DetectorSpectrumMapFile(parsing: Array(text.utf8), path: "map.dat")
    }

    @Test(arguments: [
        "Number_of_entries\n           3\nDetector  Spectrum\n       1         1\n 2 2\n11 69633\n",
        "NDET :\r\n3\r\nDETECTOR SPECTRUM\r\n1\t1\t\r\n2\t2\r\n11\t69633\r\n\r\n", "\n3\n\n1 1\n2 2\n11 69633",
    ])
    func tables(text: String) throws {
        let map = try parse(text)
        #expect(map.detectors == [1, 2, 11] && map.spectra == [1, 2, 69633])
    }

    @Test(arguments: [
        ("", 1), ("NDET\n3\n", 3), ("NDET\nthree\nD S\n1 1\n", 2), ("NDET\n-1\nD S\n", 2), ("NDET\n2\nD S\n1 1\n", 2),
        ("NDET\n1\nD S\n1 1 1\n", 4), ("NDET\n2\nD S\n1 1\n2 x\n", 5), ("NDET\n1\nD S\n99999999999 1\n", 4),
    ])
    func errorsNameTheLine(text: String, line: Int) {
        #expect {
            try parse(text)
        } throws: { error in "\(error)".hasPrefix("map.dat: line \(line): ") }
    }

    @Test func aMissingFileIsNamed() {
        #expect(throws: EventSourceError.unreadable(path: "/nowhere/map.dat", reason: "No such file or directory")) {
            try DetectorSpectrumMapFile.read("/nowhere/map.dat")
        }
    }
}
