import CommitLog
import RecordBatch
import Synchronization
import System
import TestSupport

/// What one partition was told and promised, to compare with what its log holds.
final class PartitionModel {
    /// A record as it was sent.
    struct Entry: Equatable, Sendable {
        let key: String?
        let value: String?
        /// When, on the monotonic clock.
        let arrived: UInt64
    }

    /// A batch of an idempotent producer.
    struct Sent: Sendable {
        let sequence: Int32
        let entries: [Entry]
    }

    /// The partition's idempotent producer.
    struct Producer {
        let id: Int64
        var next: Int32 = 0
        /// Batches whose answer is not there yet.
        var inFlight: [(sent: Sent, result: AppendResult)] = []

        mutating func sent(_ batch: Sent, _ result: AppendResult) {
            next += Int32(batch.entries.count)
            inFlight.append((batch, result))
        }

        mutating func forget(below durable: Int64) { inFlight.removeAll { $0.result.lastOffset < durable } }
    }

    /// What was acknowledged: the part that answers from other threads may change.
    final class Ledger: Sendable {
        private let state = Mutex<(durable: Int64, waiting: Set<Int64>)>((0, []))

        /// Everything below was acknowledged as durable.
        var durable: Int64 { state.withLock { $0.durable } }
        /// The first batch that must not be visible yet.
        var firstWaiting: Int64 { state.withLock { $0.waiting.min() ?? .max } }

        func waits(_ result: AppendResult) { state.withLock { _ = $0.waiting.insert(result.baseOffset) } }

        func acknowledge(_ result: AppendResult) {
            state.withLock { state in
                state.durable = max(state.durable, result.lastOffset + 1)
                state.waiting.remove(result.baseOffset)
            }
        }

        func settle(_ end: Int64) { state.withLock { $0 = (end, []) } }
    }

    let topic: String
    let settings: PartitionSettings
    let isCompacted: Bool
    let ledger = Ledger()
    var producer: Producer
    var transactions = TransactionModel()
    /// By offset, as `append` answered.
    private(set) var entries: [Int64: Entry] = [:]
    /// The first offset, as was seen last.
    private(set) var start: Int64 = 0
    /// Offsets whose batches the disk damaged: they may be unreadable.
    var rotten: Set<Int64> = []
    /// Whether tombstones go by a clock that can be trusted.
    var isClockTrusted = true
    private(set) var seenHighWatermark: Int64 = 0
    private var end: Int64 = 0
    /// Offsets whose records were lost at the last end of the process.
    private var lostFrom: Int64 = .max

    init(_ topic: String) {
        self.topic = topic
        isCompacted = topic.hasPrefix("compact")
        producer = Producer(id: 1000)
        var settings = PartitionSettings()
        settings.segmentBytes = 700
        settings.retentionMilliseconds = -1
        settings.isCompacted = isCompacted
        settings.minCleanableRatio = 0.2
        settings.isAlwaysDurable = topic == "plain"
        settings.writeCaching = topic == "cached"
        if topic.hasPrefix("small") { settings.retentionBytes = 2000 }
        if topic.hasPrefix("aged") { settings.retentionMilliseconds = Self.retentionMilliseconds }
        self.settings = settings
    }

    /// How long the topics called aged keep their records.
    static let retentionMilliseconds: Int64 = 120_000

    func appended(_ batch: [Entry], _ result: AppendResult, _ durability: Durability) {
        for (index, entry) in batch.enumerated() { entries[result.baseOffset + Int64(index)] = entry }
        end = max(end, result.lastOffset + 1)
        if durability == .durable { ledger.waits(result) }
    }

    func saw(highWatermark: Int64, start: Int64) {
        seenHighWatermark = highWatermark
        self.start = start
    }

    /// The log was reopened and ends at `end`: what lies behind is gone, what lies before is durable.
    func settle(end: Int64, start: Int64) {
        lostFrom = end
        entries = entries.filter { $0.key < end }
        rotten = rotten.filter { $0 < end }
        transactions.cut(to: end)
        ledger.settle(end)
        seenHighWatermark = end
        self.end = end
        self.start = start
    }

    /// Whether a batch was there before the process ended, and is not there now.
    func wasLost(_ result: AppendResult) -> Bool { result.baseOffset >= lostFrom }

    /// What is wrong with what a reopened log holds.
    func problems(
        found: [(offset: Int64, key: String?, value: String?)], start: Int64, end: Int64, highWatermark: Int64,
        keepsWritten: Bool
    ) -> [String] {
        var problems: [String] = []
        let least = keepsWritten ? self.end : ledger.durable
        if end < least { problems.append("ends at \(end), but \(least) was acknowledged") }
        if end > self.end { problems.append("ends at \(end), but only \(self.end) was written") }
        if highWatermark != end { problems.append("the watermark is \(highWatermark), the end \(end)") }
        if start < self.start { problems.append("the start went back from \(self.start) to \(start)") }
        if start > max(self.start, end) { problems.append("begins at \(start)") }
        var last: Int64 = -1
        for record in found {
            if record.offset <= last { problems.append("\(record.offset) comes behind \(last)") }
            last = record.offset
            let entry = entries[record.offset]
            if entry == nil || entry?.key != record.key || entry?.value != record.value {
                problems.append("a record that nobody sent at \(record.offset)")
            }
        }
        let offsets = Set(found.map(\.offset))
        let kept = (start..<max(start, end)).filter { !offsets.contains($0) }
        problems += kept.filter {
            !rotten.contains($0) && !transactions.isMarker($0) && !mayBeCompacted($0, end: end)
        }.map { "\($0) is missing" }
        return problems
    }

    /// Whether compaction may have removed a record: nobody sees it, or a later one has its key.
    private func mayBeCompacted(_ offset: Int64, end: Int64) -> Bool {
        guard isCompacted, let entry = entries[offset], let key = entry.key else { return false }
        if entry.value == nil && !isClockTrusted { return true }
        if transactions.wasAborted(offset) { return true }
        return entries.contains {
            $0.key > offset && $0.key < end && $0.value.key == key && !transactions.wasAborted($0.key)
                && !transactions.isOpen($0.key)
        }
    }

    /// What is wrong with what a reader of committed data sees between `start` and the last stable offset.
    func problemsOfCommitted(
        _ found: [(offset: Int64, key: String?, value: String?)], start: Int64, lastStable: Int64
    ) -> [String] {
        var problems: [String] = []
        for record in found {
            let entry = entries[record.offset]
            if entry == nil || entry?.value != record.value || transactions.wasAborted(record.offset) {
                problems.append("a reader of committed data sees \(record.offset)")
            }
        }
        let offsets = Set(found.map(\.offset))
        for (offset, _) in entries where offset >= start && offset < lastStable && !offsets.contains(offset) {
            guard !transactions.wasAborted(offset), !rotten.contains(offset), !mayBeCompacted(offset, end: lastStable)
            else { continue }
            problems.append("a reader of committed data misses \(offset)")
        }
        return problems
    }
}
