import RecordBatch
import System

/// A piece of a partition's log: the batches from `base` on, in one file with its indexes.
struct Segment: Sendable {
    /// The first offset that may be in it; its file's name.
    let base: Int64
    /// Bytes of whole batches.
    var size: Int64
    /// The indexes' state; nil until a closed segment is read.
    var index: SegmentIndex?
    /// The open files; nil while a closed segment is not in use.
    var files: SegmentFiles?
    /// The transactions that were aborted in it.
    var aborted = TransactionIndex()
    /// When it was created or opened, on the monotonic clock.
    var createdNanoseconds: UInt64
    /// When its last batch arrived, on the wall clock; 0 when not known.
    var modifiedMilliseconds: Int64
    /// Counts uses, to find the file that was not used for longest.
    var lastUse: UInt64 = 0
}

/// The open files of a segment. Readers that hold them can read on after the segment was deleted.
final class SegmentFiles: Sendable {
    let log: any File
    let offsets: (any File)?
    let times: (any File)?

    init(log: any File, offsets: (any File)?, times: (any File)?) {
        self.log = log
        self.offsets = offsets
        self.times = times
    }

    /// The path of one of a segment's files, without its ending.
    static func stem(_ directory: String, _ base: Int64) -> String {
        let digits = String(base)
        return directory + "/" + String(repeating: "0", count: 20 - digits.utf8.count) + digits
    }

    /// The base offset in a file name such as `00000000000000000042.log`; nil for other names.
    static func base(_ name: String, ending: String) -> Int64? {
        guard name.hasSuffix(ending), name.utf8.count == 20 + ending.utf8.count else { return nil }
        let digits = name.prefix(20)
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return Int64(digits)
    }

    static let endings = [".log", ".index", ".timeindex", TransactionIndex.ending]
}

/// A closed or growing segment as one reader sees it: what is needed to find places in it without the partition's lock.
struct SegmentView: Sendable {
    let base: Int64
    let files: SegmentFiles
    /// Behind the last byte that may be read.
    let end: Int64
    /// Where the reader's sight ends, maybe in a later segment.
    let limit: LogPosition
    /// Behind the last offset that may be read in it.
    let offsetLimit: Int64
    let offsetCount: Int
    let timeCount: Int
    let pendingOffsets: [SegmentIndex.OffsetEntry]
    let pendingTimes: [SegmentIndex.TimeEntry]
    /// Damaged ranges of this segment.
    let damage: [DamagedRange]

    private var offsets: IndexFile? {
        files.offsets.map { IndexFile($0, entrySize: SegmentIndex.OffsetEntry.size, count: offsetCount) }
    }

    private var times: IndexFile? {
        files.times.map { IndexFile($0, entrySize: SegmentIndex.TimeEntry.size, count: timeCount) }
    }

    /// A walk over the headers from a place that an entry names, or from the start when the entry is wrong.
    func walk(from entry: SegmentIndex.OffsetEntry?) throws(LogError) -> BatchWalker {
        if let entry, entry.position < end {
            var walker = BatchWalker(files.log, from: entry.position, to: end, expected: base, skipping: damage)
            if case .batch(let header, let position) = try walker.next(), header.lastOffset == entry.lastOffset {
                walker.stepBack(to: position, expected: base)
                return walker
            }
        }
        return BatchWalker(files.log, from: 0, to: end, expected: base, skipping: damage)
    }

    /// A walk that begins at or before the batch that holds `offset`.
    func walk(before offset: Int64) throws(LogError) -> BatchWalker {
        let pending = pendingOffsets.last { $0.lastOffset <= offset }
        return try walk(from: pending ?? offsets?.offsetEntry(atMost: offset, base: base))
    }

    /// A walk that begins at the last indexed batch that starts at or before `position`.
    func walk(beforePosition position: Int64) throws(LogError) -> BatchWalker {
        let pending = pendingOffsets.last { $0.position <= position }
        return try walk(from: pending ?? offsets?.offsetEntry(positionAtMost: position, base: base))
    }

    /// A walk that begins before the first batch with a record at or after `timestamp`.
    func walk(beforeTimestamp timestamp: Int64) throws(LogError) -> BatchWalker {
        let pending = pendingTimes.last { $0.timestamp < timestamp }
        guard let entry = pending ?? times?.timeEntry(before: timestamp, base: base) else { return try walk(from: nil) }
        var probe = try walk(before: entry.lastOffset)
        while case .batch(let header, let position) = try probe.next(), header.lastOffset <= entry.lastOffset {
            if header.lastOffset == entry.lastOffset && header.maxTimestamp == entry.timestamp {
                return BatchWalker(
                    files.log, from: position, to: end, expected: header.baseOffset, skipping: damage)
            }
        }
        return try walk(from: nil)
    }

    /// Turns a bad step into the error that a reader gets.
    func corruption(at position: Int64, expected: Int64) throws(LogError) -> LogError {
        let next = try BatchWalker.search(
            files.log, from: position + 1, to: end, expected: expected, limit: .max)
        var nextOffset = expected + 1
        if let next {
            var walker = BatchWalker(files.log, from: next, to: end, expected: expected)
            if case .batch(let header, _) = try walker.next() { nextOffset = max(header.baseOffset, nextOffset) }
        }
        return .corrupt(path: files.log.path, first: expected, next: nextOffset)
    }
}
