import NexusFile
import TestSupport

/// Event files as ISIS and ESS write them, small and made up, in a directory that goes away with its owner.
final class RecordedFile {
    let path: String
    private let directory = TemporaryDirectory()

    init(_ name: String = "run.nxs") { path = directory.file(name) }

    /// 2016-04-12T02:58:52Z.
    static let startNanoseconds: Int64 = 1_460_429_932_000_000_000

    /// Five pulses, the second empty, twelve events, and logs of several types.
    static let firstEvents: [UInt64] = [0, 3, 3, 7, 8]
    static let pulseSeconds = [2.94000006, 3.03999996, 3.1400001, 3.24000001, 3.3400003]
    static let pixels: [UInt32] = (0..<12).map { 57 + $0 * 1000 }
    static let times: [Float] = [24.246033, 11660.506, 99999.61] + (0..<9).map { 0.0005 + Float($0) * 1234.5678 }
    static let charges: [Float] = [0.00110537, 0.00110537, 0, 0.00111232, 0.5]

    /// Writes an ISIS file; `change` may spoil it.
    func writeISIS(_ change: (NexusGroup) throws -> Void = { _ in }) throws {
        let file = try NexusFile.create(path)
        let entry = try file.root.createGroup("raw_data_1", class: "NXentry")
        try entry.write("name", text: "SANS2D")
        try entry.write("title", text: "A \"title\"")
        try entry.write("start_time", text: "2016-04-12T02:58:52")
        try entry.write("run_number", values: [Int32(12345)])
        try entry.createGroup("periods").write("number", values: [Int32(2)])
        let events = try entry.createGroup("detector_1_events", class: "NXevent_data")
        try events.write("event_id", values: Self.pixels)
        try events.write("event_index", values: Self.firstEvents)
        try events.write("event_time_offset", values: Self.times)
        try events.write("event_time_zero", values: Self.pulseSeconds)
            .setAttribute("offset", "2016-04-12T02:58:52")
        let frames = try entry.createGroup("framelog")
        try frames.createGroup("proton_charge").write("value", values: Self.charges)
        try frames.createGroup("period_log").write("value", values: [1, 1, 2, 2, 1] as [Int32])
        let logs = try entry.createGroup("selog")
        func log<T: NexusScalar>(_ name: String, _ times: [Float], _ values: [T], units: String? = nil) throws {
            let group = try logs.createGroup(name).createGroup("value_log", class: "NXlog")
            try group.write("time", values: times)
            let dataset = try group.write("value", values: values)
            if let units { try dataset.setAttribute("units", units) }
        }
        try log("Temp", [-30, 1, 3.1, 3.1], [25.11, 25.2, 25.3, 25.4] as [Float], units: "K")
        try log("Count", [3.2], [-7] as [Int32])
        try log("Large", [3.9], [Int64.max])
        try log("Fine", [3.0, 9.2e18], [0.1, 0.2] as [Double])
        let texts = try logs.createGroup("Words").createGroup("value_log", class: "NXlog")
        try texts.write("time", values: [1 as Float])
        try texts.write("value", texts: ["open"])
        try change(entry)
        try file.close()
    }

    /// Writes an ESS file with two banks that share the first pulse, and a log with its own start.
    func writeESS() throws {
        let file = try NexusFile.create(path)
        let entry = try file.root.createGroup("entry", class: "NXentry")
        try entry.write("start_time", text: "2016-04-12T02:58:52+00:00")
        func bank(_ name: String, _ milliseconds: [UInt64], _ index: [Int64], _ pixels: [Int32], _ times: [Int32])
            throws
        {
            let group = try entry.createGroup(name, class: "NXdetector").createGroup("events", class: "NXevent_data")
            try group.write("event_id", values: pixels)
            try group.write("event_index", values: index)
            try group.write("event_time_offset", values: times).setAttribute("units", "ns")
            let zero = try group.write(
                "event_time_zero", values: milliseconds.map { UInt64(Self.startNanoseconds) + $0 * 1_000_000 })
            try zero.setAttribute("units", "ns")
            try zero.setAttribute("start", "1970-01-01T00:00:00Z")
        }
        try bank("bank_a", [100, 171], [0, 2], [1, 2, 3], [10, 20, 2_000_000_000])
        try bank("bank_b", [100, 240], [0, 1], [9], [-5])
        let log = try entry.createGroup("speed", class: "NXlog")
        try log.write("time", values: [150 as UInt64]).setAttribute("units", "ms")
        try log.dataset("time").setAttribute("start", "2016-04-12T02:58:52Z")
        try log.write("value", values: [14.0])
        try file.close()
    }
}
