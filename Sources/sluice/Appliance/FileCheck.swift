import NexusFile

/// Reopens a finished file and counts what is in it.
struct FileCheck {
    /// Detector events.
    private(set) var eventCount = 0
    /// Events of all monitors.
    private(set) var monitorEventCount = 0
    /// Pulses of the detector; the messages of a long pulse, which have one time, count once.
    private(set) var pulseCount = 0

    /// Throws when the file cannot be read or its event lists do not fit together.
    init(_ path: String) throws {
        let file = try NexusFile.open(path)
        defer { try? file.close() }
        for entry in try file.root.groups(class: "NXentry") {
            try visit(entry)
            for monitor in try entry.groups(class: "NXmonitor") {
                for group in try monitor.groups(class: "NXevent_data") {
                    monitorEventCount += try group.dataset("event_time_offset").count
                }
            }
        }
    }

    /// How often the time changes, reading in pieces.
    private static func distinct(_ times: NexusDataset) throws -> Int {
        var count = 0
        var last: UInt64?
        var position = 0
        while position < times.count {
            let piece = try times.values(UInt64.self, from: position, count: min(1 << 16, times.count - position))
            for time in piece where time != last {
                count += 1
                last = time
            }
            position += piece.count
        }
        return count
    }

    /// Adds the event groups directly in the entry, where links name each detector once.
    private mutating func visit(_ entry: NexusGroup) throws {
        for group in try entry.groups(class: "NXevent_data") {
            guard group.contains("event_id") else { continue }
            let identifiers = try group.dataset("event_id").count
            let offsets = try group.dataset("event_time_offset").count
            let indexes = try group.dataset("event_index").count
            let pulses = try group.dataset("event_time_zero").count
            guard identifiers == offsets, indexes == pulses else {
                throw CommandError(
                    "\(group.path) is damaged: \(identifiers) ids, \(offsets) times, \(indexes) indexes, \(pulses) pulses"
                )
            }
            eventCount += identifiers
            pulseCount += try Self.distinct(group.dataset("event_time_zero"))
        }
    }
}
