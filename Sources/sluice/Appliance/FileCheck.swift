import NexusFile

/// Reopens a finished file and counts what is in it.
struct FileCheck {
    /// Detector events.
    private(set) var eventCount = 0
    /// Pulses of the detector.
    private(set) var pulseCount = 0

    /// Throws when the file cannot be read or its event lists do not fit together.
    init(_ path: String) throws {
        let file = try NexusFile.open(path)
        defer { try? file.close() }
        for entry in try file.root.groups(class: "NXentry") { try visit(entry) }
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
            pulseCount += pulses
        }
    }
}
