import Bytes
import Compression

/// Reads every record of one stored batch, those of control batches and aborted transactions too: what tools and
/// compaction look at.
///
/// Keep one per thread: it reuses the memory for decompressed records.
public struct StoredBatchReader: ~Copyable {
    private var scratch = ByteWriter(capacity: 0)

    /// A reader without memory yet.
    public init() {}

    /// Calls `body` for each record of `batch`, which is one whole batch whose CRC is right, until it answers false.
    /// Records are borrowed for the call.
    public mutating func read(
        _ batch: UnsafeRawBufferPointer, _ body: (Record) throws(RecordBatchError) -> Bool
    ) throws(RecordBatchError) {
        let header: RecordBatchHeader
        do throws(DecodeError) { header = try RecordBatchHeader(parsing: batch) } catch {
            throw RecordBatchError(.corrupt, "\(error)", at: error.position)
        }
        try header.check()
        guard header.totalBytes == batch.count else {
            throw RecordBatchError(.corrupt, "\(batch.count) bytes of a batch of \(header.totalBytes)", at: batch.count)
        }
        let stored = UnsafeRawBufferPointer(rebasing: batch[RecordBatchHeader.size...])
        guard header.codec != .none else { return try Self.deliver(header, stored, body) }
        defer { if scratch.allocated > RecordBatchValidator.keptBytesMax { scratch = ByteWriter(capacity: 0) } }
        try RecordBatchValidator.decompress(
            stored, header, limit: CompressionCodec.decompressedBytesMax, into: &scratch)
        try scratch.withBytes { (records) throws(RecordBatchError) in try Self.deliver(header, records, body) }
    }

    private static func deliver(
        _ header: RecordBatchHeader, _ records: UnsafeRawBufferPointer,
        _ body: (Record) throws(RecordBatchError) -> Bool
    ) throws(RecordBatchError) {
        var iterator = RecordIterator(header, records: records)
        while let record = try iterator.next() {
            guard try body(record) else { return }
        }
    }
}
