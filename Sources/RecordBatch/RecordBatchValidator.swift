import Bytes
import Compression

/// What the records of a valid batch say.
public struct ValidatedBatch: Equatable, Sendable {
    /// The header, as it was sent.
    public let header: RecordBatchHeader
    /// The largest timestamp of the records, ms since the epoch; -1 when none has one. May differ from the header's,
    /// which is then to be corrected (`RecordBatchHeader.correctMaxTimestamp`).
    public let maxTimestampMilliseconds: Int64
    /// Which record has it (the first one that does), from the base offset.
    public let maxTimestampOffsetDelta: Int32
    /// Whether a record has no key, which a compacted topic does not take.
    public let hasNullKey: Bool
    /// Bytes of the records, decompressed.
    public let recordBytes: Int

    /// Whether the batch holds a transaction marker: only the broker writes those, so a client's is to be refused.
    public var isControl: Bool { header.isControl }
}

/// Checks batches that come from outside, or from the disk.
public enum RecordBatchValidator {
    /// The smallest record: seven one-byte fields.
    static let recordBytesMin = 7
    /// Memory for decompressed records that is kept from batch to batch, bytes.
    static let keptBytesMax = 4 << 20

    /// Checks one batch of a producer, which must fill `bytes` exactly, down to the last header of the last record.
    ///
    /// `scratch` is emptied and takes the decompressed records; keep it for the next call. It is given back when it
    /// grew above 4 MiB. Work and memory are bounded by the bytes given and by `decompressedBytesMax`, whatever the
    /// batch claims.
    public static func validate(
        _ bytes: UnsafeRawBufferPointer, scratch: inout ByteWriter,
        decompressedBytesMax: Int = CompressionCodec.decompressedBytesMax
    ) throws(RecordBatchError) -> ValidatedBatch {
        let header = try checkFrame(bytes)
        guard header.totalBytes == bytes.count else {
            throw RecordBatchError(
                .invalidRecord, "\(bytes.count - header.totalBytes) bytes behind the only batch that is allowed",
                at: header.totalBytes)
        }
        guard header.recordCount >= 1, header.lastOffsetDelta == header.recordCount - 1 else {
            throw RecordBatchError(
                .invalidRecord,
                "record count \(header.recordCount) with last offset delta \(header.lastOffsetDelta)", at: 57)
        }
        let stored = UnsafeRawBufferPointer(rebasing: bytes[RecordBatchHeader.size...])
        guard header.codec != .none else { return try walk(stored, header) }
        defer { if scratch.allocated > keptBytesMax { scratch = ByteWriter(capacity: 0) } }
        try decompress(stored, header, limit: decompressedBytesMax, into: &scratch)
        return try scratch.withBytes { (records) throws(RecordBatchError) in try walk(records, header) }
    }

    /// Checks the batch at the start of `bytes` without looking at its records: length, magic, codec, counts and CRC.
    /// More batches may follow. Made for scans of a log, so it takes what compaction leaves: fewer records than
    /// offsets, even none.
    public static func checkFrame(_ bytes: UnsafeRawBufferPointer) throws(RecordBatchError) -> RecordBatchHeader {
        let header: RecordBatchHeader
        do throws(DecodeError) {
            header = try RecordBatchHeader(parsing: bytes)
        } catch {
            throw RecordBatchError(
                .corrupt, "\(bytes.count) bytes where a header of \(RecordBatchHeader.size) was expected",
                at: bytes.count)
        }
        try header.check()
        guard header.totalBytes <= bytes.count else {
            throw RecordBatchError(
                .corrupt, "\(bytes.count) bytes of a batch of \(header.totalBytes)", at: bytes.count)
        }
        let crc = RecordBatchHeader.computeCRC(UnsafeRawBufferPointer(rebasing: bytes[..<header.totalBytes]))
        guard crc == header.crc else {
            throw RecordBatchError(
                .corrupt,
                "CRC-32C 0x\(String(crc, radix: 16)) where the header says 0x\(String(header.crc, radix: 16))",
                at: RecordBatchHeader.crcPosition)
        }
        return header
    }

    /// Empties `scratch` and decompresses `stored` into it.
    static func decompress(
        _ stored: UnsafeRawBufferPointer, _ header: RecordBatchHeader, limit: Int, into scratch: inout ByteWriter
    ) throws(RecordBatchError) {
        scratch.truncate(to: 0)
        do throws(CompressionError) {
            try header.codec.decompress(stored, limit: limit, into: &scratch)
        } catch {
            throw RecordBatchError(error)
        }
    }

    /// Checks every record of `records`, which is the decompressed content of a batch with `header`.
    private static func walk(
        _ records: UnsafeRawBufferPointer, _ header: RecordBatchHeader
    ) throws(RecordBatchError) -> ValidatedBatch {
        guard Int(header.recordCount) <= records.count / recordBytesMin else {
            throw RecordBatchError(
                .invalidRecord, "record count \(header.recordCount) for \(records.count) bytes of records", at: 57)
        }
        var walk = RecordWalk(records, baseTimestamp: header.baseTimestamp)
        if let problem = walk.run(count: Int(header.recordCount)) {
            throw RecordBatchError(
                .invalidRecord, "record \(walk.index): \(problem) (position in the decompressed records)",
                at: walk.cursor.position)
        }
        return ValidatedBatch(
            header: header, maxTimestampMilliseconds: walk.maxTimestamp,
            maxTimestampOffsetDelta: Int32(walk.maxTimestampIndex), hasNullKey: walk.hasNullKey,
            recordBytes: records.count)
    }
}

extension RecordBatchHeader {
    /// Bytes of the fixed fields that `batchLength` counts.
    static let batchLengthMin = size - prefixSize

    /// The compression; of a header that passed `check`.
    public var codec: CompressionCodec {
        guard let codec = CompressionCodec(rawValue: codecNumber) else {
            preconditionFailure("codec of an unchecked header")
        }
        return codec
    }

    /// Checks the fields that can be checked without the rest of the batch: length, magic, codec, counts, timestamps.
    /// What passes has a `totalBytes` of at least `size`, but it is still only a claim.
    public func check() throws(RecordBatchError) {
        guard batchLength >= Int32(Self.batchLengthMin) else {
            throw RecordBatchError(
                .corrupt, "batch length \(batchLength) below the smallest, \(Self.batchLengthMin)", at: 8)
        }
        guard magic == 2 else {
            throw RecordBatchError(.invalidRecord, "magic \(magic) where 2 was expected", at: 16)
        }
        guard CompressionCodec(rawValue: codecNumber) != nil else {
            throw RecordBatchError(
                .unsupportedCompression, "codec \(codecNumber) where 0 to 4 are known",
                at: Self.attributesPosition)
        }
        guard lastOffsetDelta >= 0, recordCount >= 0, Int(recordCount) <= Int(lastOffsetDelta) + 1 else {
            throw RecordBatchError(
                .invalidRecord, "record count \(recordCount) with last offset delta \(lastOffsetDelta)", at: 57)
        }
        guard baseTimestamp >= -1, maxTimestamp >= -1 else {
            throw RecordBatchError(
                .invalidRecord, "timestamps \(baseTimestamp) to \(maxTimestamp) ms, of which one is before 1970",
                at: 27)
        }
    }
}
