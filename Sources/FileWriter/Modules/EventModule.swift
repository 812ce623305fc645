import FlatBuffers
import NexusFile
import Schemas

/// Neutron events of one source as NXevent_data:
///
///     event_time_offset  int32   ns after the pulse, one for each event
///     event_id           int32   pixel, one for each event; absent when the source has no pixels
///     event_time_zero    uint64  ns since the epoch, one for each pulse
///     event_index        int64   the pulse's first event
///
/// `event_time_zero` carries `offset` and no `start`: scippnexus converts to dates only with exactly one of them, Mantid
/// reads `offset`. Pulses keep the order of their messages.
final class EventModule: StreamModule {
    let group: NexusGroup
    private let timeOffsets: AppendableDataset<Int32>
    private let pulseTimes: AppendableDataset<UInt64>
    private let indexes: AppendableDataset<Int64>
    private var pixels: AppendableDataset<Int32>?
    /// Events written so far.
    private(set) var eventCount: Int64 = 0
    private(set) var latestNanoseconds: Int64 = 0

    /// Rows of a pulse dataset in one chunk: 64 KiB, since a run has far fewer pulses than events.
    private static let pulseChunkBytes = 64 << 10

    init(_ group: NexusGroup) throws(NexusError) {
        self.group = group
        timeOffsets = try AppendableDataset(group, "event_time_offset")
        pulseTimes = try AppendableDataset(group, "event_time_zero", chunkBytes: Self.pulseChunkBytes)
        indexes = try AppendableDataset(group, "event_index", chunkBytes: Self.pulseChunkBytes)
        try timeOffsets.dataset.setAttribute("units", "ns")
        try pulseTimes.dataset.setAttribute("units", "ns")
        try pulseTimes.dataset.setAttribute("offset", "1970-01-01T00:00:00Z")
    }

    /// Whether the message's parts fit each other: one index for each pulse, rising and within the events, and a pixel
    /// for each event or for none. Vectors of events may be absent, and a single pulse may have no index.
    static func isConsistent(_ message: EV44) -> Bool {
        let events = message.events, pulses = message.pulseCount
        let pixels = message.pixelID?.count ?? 0
        guard pixels == 0 || pixels == events else { return false }
        let indexes = message.referenceTimeIndex
        guard indexes.count == pulses || pulses == 1 && indexes.isEmpty else { return false }
        guard pulses > 0 || events == 0 else { return false }
        var last: Int32 = 0
        for index in indexes {
            guard index >= last, Int(index) <= events else { return false }
            last = index
        }
        return true
    }

    /// Appends the pulses of a consistent message that lie in the window; returns how many events that were.
    func accept(_ message: EV44, _ window: TimeWindow) throws(NexusError) -> Int {
        let pulses = message.pulseCount
        guard let first = message.referenceTime.first else { return 0 }
        if pulses == 1 {
            return window.contains(first) ? try append(message, pulses: 0..<1, events: 0..<message.events) : 0
        }
        var appended = 0
        var pulse = 0
        while pulse < pulses {
            guard window.contains(message.referenceTime[pulse]) else {
                pulse += 1
                continue
            }
            // As many pulses as lie in the window are taken in one piece.
            var end = pulse + 1
            while end < pulses, window.contains(message.referenceTime[end]) { end += 1 }
            // Events before the first index belong to no pulse by the schema; the first is the nearest.
            let begin = pulse == 0 ? 0 : Int(message.referenceTimeIndex[pulse])
            let behind = end < pulses ? Int(message.referenceTimeIndex[end]) : message.events
            appended += try append(message, pulses: pulse..<end, events: begin..<behind)
            pulse = end
        }
        return appended
    }

    private func append(_ message: EV44, pulses: Range<Int>, events: Range<Int>) throws(NexusError) -> Int {
        for pulse in pulses {
            let begin = pulse == pulses.lowerBound ? events.lowerBound : Int(message.referenceTimeIndex[pulse])
            let time = message.referenceTime[pulse]
            latestNanoseconds = max(latestNanoseconds, time)
            try pulseTimes.append(UInt64(bitPattern: time))
            try indexes.append(eventCount + Int64(begin - events.lowerBound))
        }
        guard !events.isEmpty, let times = message.timeOfFlight else { return 0 }
        try times.view(events).withUnsafeBytes { (rows) throws(NexusError) in try timeOffsets.append(rawRows: rows) }
        if let ids = message.pixelID, !ids.isEmpty {
            let pixels = try pixelColumn()
            try ids.view(events).withUnsafeBytes { (rows) throws(NexusError) in try pixels.append(rawRows: rows) }
        } else if let pixels {
            try pixels.append(contentsOf: [Int32](repeating: 0, count: events.count))
        }
        eventCount += Int64(events.count)
        return events.count
    }

    /// The pixel column, made when the first pixel comes; events before it get pixel 0, which no detector has.
    private func pixelColumn() throws(NexusError) -> AppendableDataset<Int32> {
        if let pixels { return pixels }
        let made = try AppendableDataset<Int32>(group, "event_id")
        let zeros = [Int32](repeating: 0, count: 4096)
        var missing = Int(eventCount)
        while missing > 0 {
            let piece = min(missing, zeros.count)
            try made.append(contentsOf: Array(zeros[..<piece]))
            missing -= piece
        }
        pixels = made
        return made
    }

    func flush() throws(NexusError) {
        try timeOffsets.flush()
        try pixels?.flush()
        try pulseTimes.flush()
        try indexes.flush()
    }

    func finish() throws(NexusError) {}

    var datasets: [WrittenDataset] {
        var all = [
            WrittenDataset(path: timeOffsets.dataset.path, rowCount: timeOffsets.count),
            WrittenDataset(path: pulseTimes.dataset.path, rowCount: pulseTimes.count),
            WrittenDataset(path: indexes.dataset.path, rowCount: indexes.count, isMonotonic: true),
        ]
        if let pixels { all.append(WrittenDataset(path: pixels.dataset.path, rowCount: timeOffsets.count)) }
        return all
    }
}
