import RecordBatch
import System

/// A place in a partition's log.
struct LogPosition: Sendable, Equatable {
    /// The offset of what begins there.
    var offset: Int64
    /// The segment's base offset.
    var segmentBase: Int64
    /// Bytes from the start of the segment's log file.
    var position: Int64
}

/// Somebody who waits until records are durable.
struct DurabilityWaiter: Sendable {
    let offset: Int64
    let done: @Sendable (Result<Void, LogError>) -> Void
}

/// What a partition is made of; touched only under its lock.
struct PartitionState: Sendable {
    /// Whether the partition takes and gives records.
    enum Status: Sendable {
        case open
        /// A sync failed: nothing is appended or acknowledged any more.
        case failed(LogError)
        case deleted
        case closed
    }

    var settings: PartitionSettings
    var status = Status.open
    /// By base offset; the last one is appended to.
    var segments: [Segment]
    var startOffset: Int64
    /// The offset of the next record.
    var endOffset: Int64
    /// Everything below is synced.
    var durableOffset: Int64
    var highWatermark: LogPosition
    /// The first `.durable` batch that came after the last sync began.
    var firstUnsynced: LogPosition?
    /// The first `.durable` batch that the sync under way covers.
    var firstSyncing: LogPosition?
    /// Bytes written since the last sync began.
    var unsyncedBytes = 0
    /// Closed segments that have unsynced bytes.
    var unsyncedSegments: [SegmentFiles] = []
    /// Whether segment files were created since the directory was synced; those found at the start may be such.
    var hasUnsyncedNames = true
    /// Whether bytes of a failed append are still behind the last batch.
    var hasTornTail = false
    var producers: ProducerState
    /// The offset of the last transaction's marker that this process has written; -1 for none.
    var lastMarkerOffset: Int64 = -1
    /// Segments whose transaction index has entries that were not synced.
    var unsyncedIndexes: Set<Int64> = []
    var waiters: [DurabilityWaiter] = []
    var observers: [(token: ObserverToken, body: @Sendable () -> Void)] = []
    var hints = ReadHints()
    var damage: [DamagedRange]
    /// The most urgent sync that was asked for and has not begun.
    var queuedFlush: FlushUrgency?
    var useCount: UInt64 = 0
    var bytesSinceSnapshot = 0

    /// So many callers may wait for a sync of one partition.
    static let waitersMax = 65_536
    /// So many closed segments of a partition are kept open for readers.
    static let openClosedSegmentsMax = 4

    var active: Segment {
        _read { yield segments[segments.count - 1] }
        _modify { yield &segments[segments.count - 1] }
    }

    /// The index of the segment that holds `offset`, or would: the last with a base at or below it.
    func segmentIndex(for offset: Int64) -> Int {
        var low = 0
        var high = segments.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if segments[middle].base <= offset { low = middle } else { high = middle }
        }
        return low
    }

    /// The place behind the last batch.
    var end: LogPosition {
        LogPosition(offset: endOffset, segmentBase: active.base, position: active.size)
    }

    /// Notes that a flush is wanted; whether the flusher has to be told, because none as urgent was asked for before.
    mutating func queueFlush(_ urgency: FlushUrgency) -> Bool {
        if let queuedFlush, queuedFlush >= urgency { return false }
        queuedFlush = urgency
        return true
    }

    /// Moves the high watermark as far as the promises allow; true when it moved.
    mutating func advanceHighWatermark() -> Bool {
        let new = firstSyncing ?? firstUnsynced ?? end
        precondition(new.offset >= highWatermark.offset, "the high watermark never goes back")
        let moved = new.offset > highWatermark.offset
        highWatermark = new
        if moved { producers.settle(below: new.offset) }
        return moved
    }

    /// Behind the last record that readers of committed data see: the first batch whose transaction is not decided, or
    /// the high watermark. Nothing at or behind it may be moved within its segment.
    var lastStable: LogPosition {
        guard var first = producers.transactions.firstUnstable, first.offset < highWatermark.offset else {
            return highWatermark
        }
        // Deleting records takes a transaction's beginning away; nothing is read there, so the position does not matter.
        first.offset = max(first.offset, startOffset)
        return first
    }

    /// How far a reader sees.
    func position(of limit: ReadLimit) -> LogPosition {
        switch limit {
        case .highWatermark: highWatermark
        case .lastStable: lastStable
        case .logEnd: end
        }
    }

    /// Whether the partition was deleted: the files of its name may be another's.
    var isGone: Bool {
        if case .deleted = status { true } else { false }
    }

    /// Throws unless records can be read.
    func checkReadable(_ name: String) throws(LogError) {
        switch status {
        case .open, .failed: return
        case .deleted: throw .deleted(name)
        case .closed: throw .closed
        }
    }

    /// Throws unless records can be appended.
    func checkWritable(_ name: String) throws(LogError) {
        switch status {
        case .open: return
        case .failed(let error): throw error
        case .deleted: throw .deleted(name)
        case .closed: throw .closed
        }
    }
}

/// Where recent readers stopped: a reader that goes on from there needs no index.
struct ReadHints: Sendable {
    /// As many readers of one partition are remembered.
    static let countMax = 8
    private var places: [LogPosition] = []
    private var next = 0

    /// The place where `offset` begins in the segment; nil when it is not remembered.
    func position(of offset: Int64, in segmentBase: Int64) -> Int64? {
        places.first { $0.offset == offset && $0.segmentBase == segmentBase }?.position
    }

    /// Remembers a place in stead of the oldest.
    mutating func note(_ place: LogPosition) {
        if places.contains(place) { return }
        if places.count < Self.countMax {
            places.append(place)
        } else {
            places[next] = place
            next = (next + 1) % Self.countMax
        }
    }

    /// Forgets everything, after files changed.
    mutating func removeAll() {
        places.removeAll()
        next = 0
    }
}
