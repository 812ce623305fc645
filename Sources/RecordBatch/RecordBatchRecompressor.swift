import Bytes
import Compression

/// Compresses batches anew, for topics that keep another codec than the producer chose.
public enum RecordBatchRecompressor {
    /// The batch in another codec: same records, same header but for codec, length and CRC.
    ///
    /// - Parameters:
    ///   - batch: one whole batch that was checked.
    ///   - codec: what it is to be compressed with.
    ///   - decompressedBytesMax: bytes of its records at most; more throws.
    public static func recompress(
        _ batch: UnsafeRawBufferPointer, to codec: CompressionCodec, decompressedBytesMax: Int
    ) throws(RecordBatchError) -> ByteWriter {
        var header = try RecordBatchValidator.checkFrame(batch)
        precondition(header.totalBytes == batch.count, "one whole batch")
        let stored = UnsafeRawBufferPointer(rebasing: batch[RecordBatchHeader.size...])
        var writer = ByteWriter(capacity: RecordBatchHeader.size + batch.count)
        writer.zeros(RecordBatchHeader.size)
        if header.codec == .none {
            try compress(stored, codec, into: &writer)
        } else {
            var records = ByteWriter(capacity: 0)
            try RecordBatchValidator.decompress(stored, header, limit: decompressedBytesMax, into: &records)
            try records.withBytes { (bytes) throws(RecordBatchError) in try compress(bytes, codec, into: &writer) }
        }
        let length = writer.count - RecordBatchHeader.prefixSize
        guard length <= Int(Int32.max) else {
            throw RecordBatchError(.tooLarge, "a batch of \(length) bytes", at: RecordBatchHeader.size)
        }
        header.attributes = header.attributes & ~RecordBatchHeader.codecMask | Int16(codec.rawValue)
        header.batchLength = Int32(length)
        writer.withMutableBytes { bytes in
            header.write(to: bytes)
            RecordBatchHeader.seal(bytes)
        }
        return writer
    }

    private static func compress(
        _ records: UnsafeRawBufferPointer, _ codec: CompressionCodec, into writer: inout ByteWriter
    ) throws(RecordBatchError) {
        do throws(CompressionError) {
            try codec.compress(records, into: &writer)
        } catch {
            throw RecordBatchError(.tooLarge, "cannot be compressed (\(error))", at: RecordBatchHeader.size)
        }
    }
}
