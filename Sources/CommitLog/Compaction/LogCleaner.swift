import Observability
import RecordBatch
import System

/// What a compaction did.
struct CompactionSummary: Sendable, Equatable {
    /// Bytes of the segments that were looked at.
    var bytesBefore: Int64 = 0
    /// Bytes of what they are now.
    var bytesAfter: Int64 = 0
    /// Below this offset every key is there once.
    var cleanedOffset: Int64 = 0
}

/// What compactions have done since the log was opened.
public struct CompactionTotals: Sendable, Equatable {
    /// How many partitions were compacted, counting each time.
    public private(set) var runs = 0
    /// Bytes of the segments that were looked at.
    public private(set) var bytesBefore: Int64 = 0
    /// Bytes of what they became.
    public private(set) var bytesAfter: Int64 = 0

    mutating func add(_ summary: CompactionSummary) {
        runs += 1
        bytesBefore += summary.bytesBefore
        bytesAfter += summary.bytesAfter
    }
}

/// Compacts one partition: keeps the newest record of each key, as Kafka's log cleaner does (KIP-58, KIP-354, KIP-534).
///
/// First the keys of the new part are read into a table of bounded size; when it is full, the rest waits for the next
/// time. Then all segments up to there are written anew without the records that the table has a newer one for. Appends
/// and readers go on meanwhile: only closed segments are touched, and each group of them is replaced at once.
final class LogCleaner {
    private let log: PartitionLog
    private let plan: CompactionPlan
    private let settings: PartitionSettings
    private let now: Int64
    private var keys: KeyOffsets
    /// The table holds every key of the new part below this offset.
    private var mapEnd: Int64
    private var filter = RecordBatchFilter()
    private var reader = StoredBatchReader()
    private var batch: [UInt8] = []
    private var summary = CompactionSummary()

    /// - Parameter now: ms since the epoch, for tombstones.
    init(_ log: PartitionLog, _ plan: CompactionPlan, now: Int64) {
        precondition(!plan.sources.isEmpty)
        self.log = log
        self.plan = plan
        self.now = now
        settings = log.settings
        mapEnd = plan.firstDirty
        keys = KeyOffsets(bytesMax: log.environment.options.compactionKeyBytes)
    }

    /// Does the work; `pause` is called between files and may throw to end it early, which loses nothing.
    func run(pause: () throws(LogError) -> Void) throws(LogError) -> CompactionSummary {
        try readKeys(pause)
        var transactions = try transactions(from: plan.sources[0].base)
        let bytes = Int64(min(settings.segmentBytes, PartitionSettings.segmentBytesMax))
        for group in plan.groups(below: mapEnd, bytes: bytes) {
            try pause()
            try clean(group, &transactions)
        }
        summary.cleanedOffset = mapEnd
        return summary
    }

    private func transactions(from offset: Int64) throws(LogError) -> DecidedTransactions {
        DecidedTransactions(
            try log.abortedTransactions(from: offset, to: plan.sources[plan.sources.count - 1].end))
    }

    // MARK: - Keys

    private func readKeys(_ pause: () throws(LogError) -> Void) throws(LogError) {
        let first = plan.sources.lastIndex { $0.base <= plan.firstDirty } ?? 0
        var transactions = try transactions(from: plan.sources[first].base)
        for source in plan.sources[first...] {
            try pause()
            var cursor = try SourceCursor(log, source)
            while let header = try cursor.next(into: &batch) {
                if header.isControl {
                    if isMarker(header) { _ = transactions.isNeedless(header) }
                } else if !transactions.isAborted(header), header.lastOffset >= plan.firstDirty {
                    guard addKeys(header) else { return }
                }
                mapEnd = max(mapEnd, header.lastOffset + 1)
            }
            mapEnd = max(mapEnd, source.end)
        }
    }

    /// Adds the keys of the batch that was read last; false when the table is full.
    private func addKeys(_ header: RecordBatchHeader) -> Bool {
        // One batch always fits, or the log would never be compacted.
        let mayGrow = mapEnd <= plan.firstDirty
        var fits = true
        withBatch(header) { bytes in
            do throws(RecordBatchError) {
                try reader.read(bytes) { record in
                    if record.offset >= plan.firstDirty, let key = record.key {
                        fits = keys.put(key, record.offset, mayGrow: mayGrow)
                    }
                    return fits
                }
            } catch {
                undecodable(header, error)
            }
        }
        return fits
    }

    private func withBatch(_ header: RecordBatchHeader, _ body: (UnsafeRawBufferPointer) -> Void) {
        batch.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<header.totalBytes])) }
    }

    private func isMarker(_ header: RecordBatchHeader) -> Bool {
        var marker: ControlRecord?
        withBatch(header) { marker = ControlRecord(reading: $0, header) }
        return marker != nil
    }

    /// The checksum is right, so that is what was sent: it stays as it is.
    private func undecodable(_ header: RecordBatchHeader, _ error: RecordBatchError) {
        log.environment.log.warningOncePerMinute(
            cause: "compaction " + log.name, "\(log.name) at offset \(header.baseOffset): \(error); kept as it is")
    }

    // MARK: - Segments

    private func clean(
        _ group: [CompactionPlan.Source], _ transactions: inout DecidedTransactions
    ) throws(LogError) {
        var target = try CleanedSegment(log, group)
        do throws(LogError) {
            for (index, source) in group.enumerated() {
                var cursor = try SourceCursor(log, source)
                while let header = try cursor.next(into: &batch) {
                    let isLast = cursor.isAtEnd && index == group.count - 1
                    try copy(header, isLast, &transactions, &target)
                }
            }
            summary.bytesBefore += group.reduce(0) { $0 + $1.size }
            summary.bytesAfter += target.size
            try target.finish()
        } catch {
            target.abandon()
            throw error
        }
    }

    private func copy(
        _ header: RecordBatchHeader, _ isLast: Bool, _ transactions: inout DecidedTransactions,
        _ target: inout CleanedSegment
    ) throws(LogError) {
        let outcome = header.isControl ? judgeMarker(header, &transactions) : judge(header, &transactions)
        switch outcome {
        case .unchanged:
            try batch.withUnsafeBufferPointer { (raw) throws(LogError) in
                try target.append(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: raw[..<header.totalBytes])))
            }
        case .rewritten:
            target.isChanged = true
            try filter.withBatch { (bytes) throws(LogError) in try target.append(bytes) }
        case .empty:
            target.isChanged = target.isChanged || header.recordCount > 0
            let keepsProducer = isLastOfProducer(header)
            // The last batch says where the segment ends, so that a missing segment can be told from a compacted one.
            guard isLast || keepsProducer else {
                target.isChanged = true
                return
            }
            filter.makeEmpty(header, keepsProducer: keepsProducer)
            try filter.withBatch { (bytes) throws(LogError) in try target.append(bytes) }
        }
    }

    private func judge(
        _ header: RecordBatchHeader, _ transactions: inout DecidedTransactions
    ) -> RecordBatchFilter.Outcome {
        if transactions.isAborted(header) || header.recordCount == 0 { return .empty }
        let horizon = addingSaturated(now, settings.deleteRetentionMilliseconds)
        let keepsTombstones = !header.hasDeleteHorizon || now < header.baseTimestamp
        var outcome = RecordBatchFilter.Outcome.unchanged
        withBatch(header) { bytes in
            do throws(RecordBatchError) {
                outcome = try filter.filter(bytes, deleteHorizonMilliseconds: horizon) { record in
                    keeps(record, keepsTombstones)
                }
            } catch {
                undecodable(header, error)
            }
        }
        return outcome
    }

    private func keeps(_ record: Record, _ keepsTombstones: Bool) -> Bool {
        if record.offset >= mapEnd { return true }
        // Without a key a record cannot be asked for again; a compacted topic does not take such.
        guard let key = record.key else { return false }
        if let newest = keys.offset(of: key), newest > record.offset { return false }
        return record.value != nil || keepsTombstones
    }

    private func judgeMarker(
        _ header: RecordBatchHeader, _ transactions: inout DecidedTransactions
    ) -> RecordBatchFilter.Outcome {
        guard isMarker(header) else { return header.recordCount == 0 ? .empty : .unchanged }
        guard transactions.isNeedless(header), header.lastOffset < mapEnd, !isLastOfProducer(header) else {
            return .unchanged
        }
        if header.hasDeleteHorizon { return now < header.baseTimestamp ? .unchanged : .empty }
        let horizon = addingSaturated(now, settings.deleteRetentionMilliseconds)
        var outcome = RecordBatchFilter.Outcome.unchanged
        withBatch(header) { bytes in
            do throws(RecordBatchError) {
                try filter.setDeleteHorizon(bytes, milliseconds: horizon)
                outcome = .rewritten
            } catch {
                undecodable(header, error)
            }
        }
        return outcome
    }

    /// Whether a producer's state hangs on this batch: after a restart its next sequence is known by it.
    private func isLastOfProducer(_ header: RecordBatchHeader) -> Bool {
        switch plan.producers[header.producerID] {
        case .data(let offset): header.lastOffset == offset
        case .marker(let epoch): header.isControl && header.producerEpoch == epoch
        case nil: false
        }
    }

    private func addingSaturated(_ time: Int64, _ duration: Int64) -> Int64 {
        let (sum, overflow) = time.addingReportingOverflow(duration)
        return overflow ? .max : max(0, sum)
    }
}
