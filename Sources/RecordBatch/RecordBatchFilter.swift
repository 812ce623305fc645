import Bytes
import Compression

/// Writes a batch anew without some of its records, as compaction does (KIP-534): offsets, times, producer, sequence
/// numbers and codec stay as they are.
///
/// Keep one per thread: it reuses its memory.
public struct RecordBatchFilter: ~Copyable {
    /// What became of a batch.
    public enum Outcome: Sendable {
        /// Every record is kept and nothing else changes: the batch can be copied as it is.
        case unchanged
        /// Some records are left; the new batch is in `withBatch`.
        case rewritten
        /// No record is left; what there is to keep of the batch, `makeEmpty` tells.
        case empty
    }

    private var scratch = ByteWriter(capacity: 0)
    private var builder = RecordBatchBuilder()
    private var kept: [Bool] = []

    /// A filter without memory yet.
    public init() {}

    /// Decides on each record of `batch`, which is one whole batch whose CRC is right.
    ///
    /// - Parameters:
    ///   - deleteHorizonMilliseconds: from when tombstones that are kept now may be removed, ms since the epoch; it is
    ///     written into a batch that has some and has no horizon yet.
    ///   - keeps: whether a record is kept.
    public mutating func filter(
        _ batch: UnsafeRawBufferPointer, deleteHorizonMilliseconds: Int64, _ keeps: (Record) -> Bool
    ) throws(RecordBatchError) -> Outcome {
        let header = try Self.header(batch)
        let stored = UnsafeRawBufferPointer(rebasing: batch[RecordBatchHeader.size...])
        guard header.codec != .none else {
            return try rewrite(header, stored, deleteHorizonMilliseconds, keeps)
        }
        var records = ByteWriter(capacity: 0)
        swap(&records, &scratch)
        try RecordBatchValidator.decompress(
            stored, header, limit: CompressionCodec.decompressedBytesMax, into: &records)
        let outcome = try records.withBytes { (records) throws(RecordBatchError) in
            try rewrite(header, records, deleteHorizonMilliseconds, keeps)
        }
        if records.allocated <= RecordBatchValidator.keptBytesMax { swap(&records, &scratch) }
        return outcome
    }

    private static func header(_ batch: UnsafeRawBufferPointer) throws(RecordBatchError) -> RecordBatchHeader {
        guard let header = try? RecordBatchHeader(parsing: batch) else {
            throw RecordBatchError(.corrupt, "\(batch.count) bytes of a batch", at: batch.count)
        }
        try header.check()
        guard header.totalBytes == batch.count else {
            throw RecordBatchError(.corrupt, "\(batch.count) bytes of a batch of \(header.totalBytes)", at: batch.count)
        }
        return header
    }

    private mutating func rewrite(
        _ header: RecordBatchHeader, _ records: UnsafeRawBufferPointer, _ deleteHorizon: Int64,
        _ keeps: (Record) -> Bool
    ) throws(RecordBatchError) -> Outcome {
        kept.removeAll(keepingCapacity: true)
        var keptCount = 0
        var hasTombstone = false
        var iterator = RecordIterator(header, records: records)
        while let record = try iterator.next() {
            let isKept = keeps(record)
            kept.append(isKept)
            guard isKept else { continue }
            keptCount += 1
            hasTombstone = hasTombstone || record.value == nil
        }
        guard keptCount > 0 else { return .empty }
        let setsHorizon = hasTombstone && !header.hasDeleteHorizon
        if keptCount == kept.count && !setsHorizon { return .unchanged }
        let horizon = header.hasDeleteHorizon ? header.baseTimestamp : setsHorizon ? deleteHorizon : nil
        builder.reset(deleteHorizonMilliseconds: horizon)
        iterator = RecordIterator(header, records: records)
        var index = 0
        while let record = try iterator.next() {
            if kept[index] { try builder.append(record, keepsOffset: true) }
            index += 1
        }
        try builder.finish(Self.options(header))
        return .rewritten
    }

    /// Makes the batch anew with all its records and a time from which it may be removed: for markers of transactions.
    public mutating func setDeleteHorizon(
        _ batch: UnsafeRawBufferPointer, milliseconds: Int64
    ) throws(RecordBatchError) {
        let header = try Self.header(batch)
        precondition(header.codec == .none && !header.hasDeleteHorizon)
        let records = UnsafeRawBufferPointer(rebasing: batch[RecordBatchHeader.size...])
        builder.reset(deleteHorizonMilliseconds: milliseconds)
        var iterator = RecordIterator(header, records: records)
        while let record = try iterator.next() { try builder.append(record, keepsOffset: true) }
        try builder.finish(Self.options(header))
    }

    /// Makes a batch without records in place of another: it keeps the offsets, and the producer's last sequence number
    /// where that is wanted.
    public mutating func makeEmpty(_ header: RecordBatchHeader, keepsProducer: Bool) {
        builder.reset()
        var options = Self.options(header)
        options.codec = .none
        if !keepsProducer {
            options.producerID = -1
            options.producerEpoch = -1
            options.baseSequence = -1
            options.isTransactional = false
            options.isControl = false
        }
        do { try builder.finish(options) } catch {
            preconditionFailure("a batch without records always fits: \(error)")
        }
        builder.withMutableBatch { bytes in
            RecordBatchHeader.correctMaxTimestamp(bytes, milliseconds: header.maxTimestamp)
        }
    }

    private static func options(_ header: RecordBatchHeader) -> RecordBatchOptions {
        var options = RecordBatchOptions()
        options.codec = header.codec
        options.baseOffset = header.baseOffset
        options.partitionLeaderEpoch = header.partitionLeaderEpoch
        options.producerID = header.producerID
        options.producerEpoch = header.producerEpoch
        options.baseSequence = header.baseSequence
        options.isTransactional = header.isTransactional
        options.isControl = header.isControl
        options.isLogAppendTime = header.isLogAppendTime
        options.lastOffsetDelta = header.lastOffsetDelta
        return options
    }

    /// Lets `body` use the batch that was made last.
    public borrowing func withBatch<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try builder.withBatch(body)
    }
}
