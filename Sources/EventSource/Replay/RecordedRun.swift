import NexusFile

/// A run as an event NeXus file holds it: events pulse by pulse, what the accelerator gave, and the logs.
final class RecordedRun {
    /// The file's path.
    let path: String
    /// The instrument's name; nil when the file does not tell.
    let instrument: String?
    /// The run's title; empty when the file does not tell.
    let title: String
    /// The run's number; nil when the file does not tell.
    let runNumber: Int?
    /// When the run began, in ns since the epoch.
    let startNanoseconds: Int64
    /// Measurement periods, at least 1.
    let periodCount: UInt32
    /// The groups of events, at least one.
    let banks: [EventBank]
    /// The logs that can be sent, by name.
    let logs: [RecordedLog]
    /// The pulses of all banks together, in order.
    let pulseTimes: [Int64]
    /// µAh of each pulse; empty when the file does not tell.
    let protonCharges: [Float]
    /// The period of each pulse, from 0; empty when the file does not tell.
    let periods: [UInt32]
    /// What is left out of the replay, and why.
    let notices: [String]

    private let file: NexusFile

    /// Deepest group that is looked at, and most groups that are.
    private static let depthMaximum = 8, groupCountMaximum = 100_000
    private static let pulseCountMaximum = 1 << 27

    /// Opens a file and reads everything but the events themselves.
    ///
    /// - Throws: `unreadable` that names the path and what is missing or wrong there.
    init(_ path: String) throws(EventSourceError) {
        self.path = path
        file = try EventBank.attempt(path) { () throws(NexusError) in try NexusFile.open(path) }
        let root = file.root
        let entry = try Self.entry(root, path)
        var notices: [String] = []
        instrument = Self.text(entry, "name") ?? Self.text(entry, "instrument/name")
        title = Self.text(entry, "title") ?? ""
        runNumber = Self.integer(entry, "run_number")
        let groups = try EventBank.attempt(path) { () throws(NexusError) in try Groups(entry) }
        guard !groups.events.isEmpty else {
            throw .unreadable(
                path: path,
                reason: "\(entry.path) has no group with event_id, event_time_offset, event_time_zero and event_index; "
                    + "only event-mode files can be replayed")
        }
        let start = Self.text(entry, "start_time").flatMap { RecordedTime.nanoseconds(iso: $0) }
        var banks: [EventBank] = []
        for (group, name) in groups.events {
            banks.append(try EventBank(group, sourceName: name, startNanoseconds: start ?? 0, file: path))
        }
        self.banks = banks
        guard let first = banks.compactMap({ $0.pulseTimes.first }).min() ?? start else {
            throw .unreadable(path: path, reason: "\(entry.path) has neither pulses nor a start_time")
        }
        startNanoseconds = start ?? first
        pulseTimes = PulseMerge.times(banks)
        periodCount = UInt32(clamping: max(1, Self.integer(entry, "periods/number") ?? 1))
        protonCharges = Self.frames(
            entry, "framelog/proton_charge/value", Float.self, pulseTimes.count, &notices)
        periods = Self.frames(entry, "framelog/period_log/value", Int32.self, pulseTimes.count, &notices)
            .map { UInt32(max(0, $0 - 1)) }
        var logs: [RecordedLog] = []
        for (group, name) in groups.logs {
            switch RecordedLog.read(group, name: name, startNanoseconds: startNanoseconds) {
            case .success(let log): logs.append(log)
            case .failure(let unusable): notices.append("\(unusable.reason): left out")
            }
        }
        self.logs = logs
        self.notices = notices
    }

    /// How many events there are in all.
    var eventCount: Int { banks.reduce(0) { $0 + $1.eventCount } }

    /// Lets go of the file.
    func close() { try? file.close() }

    private static func entry(_ root: NexusGroup, _ path: String) throws(EventSourceError) -> NexusGroup {
        for name in ["raw_data_1", "entry"] {
            if case .group(let group)? = (try? root.child(name)) ?? nil { return group }
        }
        let entries = try EventBank.attempt(path) { () throws(NexusError) in try root.groups(class: "NXentry") }
        guard let entry = entries.first else {
            throw .unreadable(path: path, reason: "there is no group raw_data_1, entry or of class NXentry at the top")
        }
        return entry
    }

    private static func text(_ group: NexusGroup, _ name: String) -> String? {
        guard case .dataset(let dataset)? = (try? group.child(name)) ?? nil, let text = try? dataset.text() else {
            return nil
        }
        let scalars = text.unicodeScalars.prefix { $0.value != 0 }
        let trimmed = String(String.UnicodeScalarView(scalars)).split(separator: " ").joined(separator: " ")
        return trimmed.isEmpty ? nil : trimmed
    }

    private static func integer(_ group: NexusGroup, _ name: String) -> Int? {
        guard case .dataset(let dataset)? = (try? group.child(name)) ?? nil else { return nil }
        return (try? dataset.value(Int64.self)).map { Int($0) }
    }

    /// The values of a frame log; empty, with a notice, when they cannot belong to the pulses.
    private static func frames<T: NexusScalar>(
        _ entry: NexusGroup, _ name: String, _: T.Type, _ pulseCount: Int, _ notices: inout [String]
    ) -> [T] {
        guard case .dataset(let dataset)? = (try? entry.child(name)) ?? nil else { return [] }
        guard dataset.count == pulseCount, let values = try? dataset.values(T.self, limit: pulseCountMaximum) else {
            notices.append("\(dataset.path) has \(dataset.count) values for \(pulseCount) pulses: left out")
            return []
        }
        return values
    }

    /// The groups of a file that matter, with the names under which their contents are sent.
    private struct Groups {
        var events: [(NexusGroup, String)] = []
        var logs: [(NexusGroup, String)] = []
        private var visited = 0

        init(_ entry: NexusGroup) throws(NexusError) {
            var found: (events: [NexusGroup], logs: [NexusGroup]) = ([], [])
            try search(entry, depth: 0, &found)
            // The same events or log may be linked at two places: those nearer to the top come first and count.
            events = Self.named(found.events) { $0.name }
            logs = Self.named(found.logs) { group in
                group.name == "value_log" ? Self.parentName(group) : group.name
            }
        }

        private mutating func search(
            _ group: NexusGroup, depth: Int, _ found: inout (events: [NexusGroup], logs: [NexusGroup])
        ) throws(NexusError) {
            visited += 1
            guard depth < RecordedRun.depthMaximum && visited < RecordedRun.groupCountMaximum else { return }
            if ["event_id", "event_time_offset", "event_time_zero", "event_index"].allSatisfy({ group.contains($0) }) {
                found.events.append(group)
                return
            }
            if depth > 0 && group.contains("time") && group.contains("value") { found.logs.append(group) }
            for child in try group.groups() {
                // The frame log tells of pulses, which pu00 carries; the links under instrument repeat the events.
                let repeats = depth == 0 && (child.name == "framelog" || !found.events.isEmpty)
                if repeats && (child.name == "framelog" || child.name == "instrument") { continue }
                try search(child, depth: depth + 1, &found)
            }
        }

        private static func parentName(_ group: NexusGroup) -> String {
            let parts = group.path.split(separator: "/")
            return parts.count > 1 ? String(parts[parts.count - 2]) : group.name
        }

        /// Each group under its own name, or with its path's parts before it when the name is taken.
        private static func named(
            _ groups: [NexusGroup], _ name: (NexusGroup) -> String
        ) -> [(NexusGroup, String)] {
            var taken: Set<String> = []
            return groups.map { group in
                var candidate = name(group)
                if taken.contains(candidate) {
                    candidate = group.path.split(separator: "/").dropFirst().joined(separator: "_")
                }
                taken.insert(candidate)
                return (group, candidate)
            }
        }
    }
}
