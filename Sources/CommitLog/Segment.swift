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
    /// While it grows, up to which position room on the disk is set aside for it; no more than a hint.
    var reservedEnd: Int64 = 0
    /// When it was created or opened, on the monotonic clock.
    var createdNanoseconds: UInt64
    /// How old it was then, ms.
    var ageAtOpenMilliseconds: Int64 = 0
    /// When its last batch arrived, on the wall clock; 0 when not known.
    var modifiedMilliseconds: Int64
    /// When its last batch arrived, on the monotonic clock; nil when that was before this process began.
    var arrivedNanoseconds: UInt64?
    /// What of it may be given to readers without a look at the checksums.
    var checked: CheckedParts
    /// While its file still has to take the names of the segments that it replaces: where the last of them ended.
    var swapEnd: Int64?
    /// Whether its file does not have its name yet: `finishSwap` comes before it is opened.
    var isSwapPending: Bool { swapEnd != nil }
    /// How long ago its last batch arrived, ms. What arrived in this process is not made older by a jump of the wall clock.
    ///
    /// - Parameter now: ms since the epoch, for what arrived before.
    func silenceMilliseconds(now: Int64, _ clock: any Clock) -> Int64 {
        guard let arrivedNanoseconds else { return now - modifiedMilliseconds }
        return Int64((clock.monotonicNanoseconds - arrivedNanoseconds) / 1_000_000)
    }

    /// How long ago it was begun, ms.
    func ageMilliseconds(_ clock: any Clock) -> Int64 {
        Int64((clock.monotonicNanoseconds - createdNanoseconds) / 1_000_000) + ageAtOpenMilliseconds
    }

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
    let checked: CheckedParts

    private var offsets: IndexFile? {
        files.offsets.map { IndexFile($0, entrySize: SegmentIndex.OffsetEntry.size, count: offsetCount) }
    }

    private var times: IndexFile? {
        files.times.map { IndexFile($0, entrySize: SegmentIndex.TimeEntry.size, count: timeCount) }
    }

    /// A walk over the headers from a place that an entry names, or from the start when the entry is wrong.
    func walk(from entry: SegmentIndex.OffsetEntry?) throws(LogError) -> BatchWalker {
        if let entry, (0..<end).contains(entry.position) {
            var walker = walk(fromPosition: entry.position, expected: base)
            if case .batch(let header, let position) = try walker.next(), header.lastOffset == entry.lastOffset {
                walker.stepBack(to: position, expected: header.baseOffset)
                return walker
            }
        }
        return walk(fromPosition: 0, expected: base)
    }

    /// A walk from a place where a batch begins.
    func walk(fromPosition position: Int64, expected: Int64) -> BatchWalker {
        BatchWalker(files.log, from: position, to: end, expected: expected, below: offsetLimit, skipping: damage)
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
                return walk(fromPosition: position, expected: header.baseOffset)
            }
        }
        return try walk(from: nil)
    }
}
