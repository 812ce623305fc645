import RecordBatch
import System

/// The two sparse indexes of a segment: offset to position, and timestamp to offset. Both are hints.
///
/// Layout, big-endian, as Kafka's OffsetIndex and TimeIndex:
/// ```
/// .index      8 bytes: int32 last offset of a batch, from the segment's base; int32 position of that batch
/// .timeindex 12 bytes: int64 largest timestamp so far; int32 last offset of its batch, from the segment's base
/// ```
/// Entries are collected in memory and written in pieces; nothing is lost when they are not.
struct SegmentIndex: Sendable {
    /// An entry of the offset index.
    struct OffsetEntry: Sendable, Equatable {
        let lastOffset: Int64
        let position: Int64
        static let size = 8
    }

    /// An entry of the time index.
    struct TimeEntry: Sendable, Equatable {
        let timestamp: Int64
        let lastOffset: Int64
        static let size = 12
    }

    /// So many entries are collected before they are written.
    static let pendingMax = 128

    /// Entries in the files.
    var offsetCount = 0
    var timeCount = 0
    /// Entries behind those, not yet written.
    private(set) var pendingOffsets: [OffsetEntry] = []
    private(set) var pendingTimes: [TimeEntry] = []
    /// The largest timestamp of the segment, and the last offset of the first batch that has it; -1 when empty.
    private(set) var maxTimestamp: Int64 = -1
    private(set) var maxTimestampOffset: Int64 = -1
    private var bytesSinceEntry = 0
    private var lastEntry: OffsetEntry?
    private var lastTimestamp: Int64 = -1
    private var lastBatch: OffsetEntry?

    init() {}

    /// An index that continues files with these entries.
    init(offsetCount: Int, lastOffset: OffsetEntry?, timeCount: Int, lastTime: TimeEntry?) {
        self.offsetCount = offsetCount
        self.timeCount = timeCount
        lastEntry = lastOffset
        lastBatch = lastOffset
        lastTimestamp = lastTime?.timestamp ?? -1
        maxTimestamp = lastTimestamp
        maxTimestampOffset = lastTime?.lastOffset ?? -1
    }

    /// Takes note of a batch that was appended at `position`.
    mutating func note(_ header: RecordBatchHeader, position: Int64, interval: Int) {
        // Nobody looks for the time of a transaction's marker.
        if header.maxTimestamp > maxTimestamp && !header.isControl {
            maxTimestamp = header.maxTimestamp
            maxTimestampOffset = header.lastOffset
        }
        let batch = OffsetEntry(lastOffset: header.lastOffset, position: position)
        if bytesSinceEntry > interval {
            add(batch)
            bytesSinceEntry = 0
        }
        bytesSinceEntry += header.totalBytes
        lastBatch = batch
    }

    /// Adds entries for the last batch, so that the files cover the segment to its end.
    mutating func finish() {
        if let lastBatch { add(lastBatch) }
    }

    private mutating func add(_ batch: OffsetEntry) {
        if batch.position > lastEntry?.position ?? -1 {
            pendingOffsets.append(batch)
            lastEntry = batch
        }
        if maxTimestamp > lastTimestamp {
            pendingTimes.append(TimeEntry(timestamp: maxTimestamp, lastOffset: maxTimestampOffset))
            lastTimestamp = maxTimestamp
        }
    }

    /// Whether enough entries wait to be written.
    var isFull: Bool { pendingOffsets.count >= Self.pendingMax }
    /// Whether entries wait to be written.
    var hasPending: Bool { !pendingOffsets.isEmpty || !pendingTimes.isEmpty }

    /// Writes the pending entries behind those in the files. When that fails they are dropped, being hints.
    mutating func write(offsets: any File, times: any File, base: Int64) {
        var bytes: [UInt8] = []
        for entry in pendingOffsets {
            withUnsafeBytes(of: Int32(entry.lastOffset - base).bigEndian) { bytes.append(contentsOf: $0) }
            withUnsafeBytes(of: Int32(entry.position).bigEndian) { bytes.append(contentsOf: $0) }
        }
        if Self.write(bytes, offsets, offsetCount * OffsetEntry.size) { offsetCount += pendingOffsets.count }
        bytes.removeAll(keepingCapacity: true)
        for entry in pendingTimes {
            withUnsafeBytes(of: entry.timestamp.bigEndian) { bytes.append(contentsOf: $0) }
            withUnsafeBytes(of: Int32(entry.lastOffset - base).bigEndian) { bytes.append(contentsOf: $0) }
        }
        if Self.write(bytes, times, timeCount * TimeEntry.size) { timeCount += pendingTimes.count }
        dropPending()
    }

    /// Forgets the pending entries.
    mutating func dropPending() {
        pendingOffsets = []
        pendingTimes = []
    }

    private static func write(_ bytes: [UInt8], _ file: any File, _ position: Int) -> Bool {
        guard !bytes.isEmpty else { return true }
        do {
            try bytes.withUnsafeBufferPointer { (raw) throws(SystemError) in
                try file.write(UnsafeRawBufferPointer(raw), at: Int64(position))
            }
            return true
        } catch {
            return false
        }
    }
}
