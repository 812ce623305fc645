import Bytes
import Compression
import KafkaWire
import RecordBatch
import System

/// Checks a producer's batch against the protocol and its topic's settings, and makes of it what is stored: nearly
/// always the bytes as they came.
enum BatchAdmission {
    /// A batch that may be appended.
    struct Admitted {
        let header: RecordBatchHeader
        /// When the broker stamped the records, ms since the epoch; nil where their own timestamps count.
        let appendTime: Int64?
    }

    /// The first version of Produce whose record sets may be compressed with Zstandard (KIP-110).
    private static let firstVersionWithZstandard: Int16 = 7

    /// Bytes of batches from which on a worker compresses them anew: zlib takes half a millisecond for as much, which is
    /// fifty times the way to another thread and back.
    private static let recompressedBytesMin = 16 << 10
    /// Bytes of batches from which on a worker unpacks them. What is smaller is unpacked in less time than a copy and
    /// two changes of thread are worth, and a codec that blows it up a thousandfold is done in some tens of milliseconds.
    private static let unpackedBytesMin = 64 << 10
    /// Below this nothing is long.
    static let longBytesMin = min(recompressedBytesMin, unpackedBytesMin)

    /// Whether a batch is for a worker. One that is not compressed is checked and written where it lies, however large:
    /// both take no longer than the copy that a worker would need.
    static func isLong(_ batch: UnsafeRawBufferPointer, _ topic: Topic) -> Bool {
        guard let header = try? RecordBatchHeader(parsing: batch), header.magic == 2,
            let codec = CompressionCodec(rawValue: header.codecNumber)
        else { return false }
        if let kept = topic.codec, kept != codec { return batch.count >= recompressedBytesMin }
        return codec != .none && batch.count >= unpackedBytesMin
    }

    /// Checks `batch` and corrects or stamps its time in place.
    static func check(
        _ batch: UnsafeMutableRawBufferPointer, _ topic: Topic, version: Int16, now: Int64, _ scratch: inout ByteWriter
    ) throws(ProduceError) -> Admitted {
        try checkSize(batch.count, topic)
        let bytes = UnsafeRawBufferPointer(batch)
        if let format = format(of: bytes), format != 2 {
            throw ProduceError(
                .invalidRecord, "message format \(format): only record batches, format 2, are taken")
        }
        let valid: ValidatedBatch
        do throws(RecordBatchError) {
            valid = try RecordBatchValidator.validate(
                bytes, scratch: &scratch, decompressedBytesMax: decompressedBytesMax(topic))
        } catch {
            throw ProduceError(error)
        }
        try check(valid, topic, version: version)
        if topic.isCompacted && valid.hasNullKey {
            throw ProduceError(
                .invalidRecord, "topic \(topic.name) is compacted and takes only records with a key",
                records: ProduceError.records(of: bytes) { $0.key == nil ? "record without a key" : nil })
        }
        return try settleTime(batch, valid, topic, now: now)
    }

    /// Where a message of any format says how long it is, and which format it has.
    private static let sizePosition = 8
    private static let magicPosition = 16
    /// Bytes behind the size of the smallest message of any format (Kafka `LegacyRecord.RECORD_OVERHEAD_V0`).
    private static let messageBytesMin = 14

    /// The format that a message names; nil when its own length says that it is no message of any.
    private static func format(of bytes: UnsafeRawBufferPointer) -> UInt8? {
        guard bytes.count > magicPosition else { return nil }
        let size = Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: sizePosition, as: Int32.self))
        return size >= messageBytesMin ? bytes[magicPosition] : nil
    }

    /// Throws MESSAGE_TOO_LARGE, on which producers split their batch.
    static func checkSize(_ byteCount: Int, _ topic: Topic) throws(ProduceError) {
        guard byteCount <= topic.messageBytesMax else {
            throw ProduceError(
                .messageTooLarge,
                "a batch of \(byteCount) bytes for \(topic.name), which takes \(topic.messageBytesMax)")
        }
    }

    private static func check(_ valid: ValidatedBatch, _ topic: Topic, version: Int16) throws(ProduceError) {
        guard valid.header.codec != .zstd || version >= firstVersionWithZstandard else {
            throw ProduceError(
                .unsupportedCompressionType, "zstd needs Produce version \(firstVersionWithZstandard)")
        }
        guard !valid.isControl else {
            throw ProduceError(.invalidRecord, "control batches are written by the broker alone")
        }
    }

    private static func settleTime(
        _ batch: UnsafeMutableRawBufferPointer, _ valid: ValidatedBatch, _ topic: Topic, now: Int64
    ) throws(ProduceError) -> Admitted {
        let bytes = UnsafeRawBufferPointer(batch)
        if topic.stampsAppendTime {
            RecordBatchHeader.stampLogAppendTime(batch, milliseconds: now)
            return Admitted(header: try reparse(bytes), appendTime: now)
        }
        try topic.timestampLimits?.check(bytes, now: now)
        guard valid.maxTimestampMilliseconds != valid.header.maxTimestamp else {
            return Admitted(header: valid.header, appendTime: nil)
        }
        RecordBatchHeader.correctMaxTimestamp(batch, milliseconds: valid.maxTimestampMilliseconds)
        return Admitted(header: try reparse(bytes), appendTime: nil)
    }

    /// The header of a whole batch.
    static func reparse(_ bytes: UnsafeRawBufferPointer) throws(ProduceError) -> RecordBatchHeader {
        do throws(DecodeError) {
            return try RecordBatchHeader(parsing: bytes)
        } catch {
            throw ProduceError(.corruptMessage, "\(error)")
        }
    }

    /// The admitted batch in the codec of its topic; nil when it is in that codec, or the topic keeps its producer's.
    static func recompress(
        _ batch: UnsafeRawBufferPointer, _ header: RecordBatchHeader, _ topic: Topic
    ) throws(ProduceError) -> ByteWriter? {
        guard let codec = topic.codec, codec != header.codec else { return nil }
        let writer: ByteWriter
        do throws(RecordBatchError) {
            writer = try RecordBatchRecompressor.recompress(
                batch, to: codec, decompressedBytesMax: decompressedBytesMax(topic))
        } catch {
            throw ProduceError(error)
        }
        try checkSize(writer.count, topic)
        return writer
    }

    /// Records may grow to what the topic would take as they are.
    private static func decompressedBytesMax(_ topic: Topic) -> Int {
        max(CompressionCodec.decompressedBytesMax, topic.messageBytesMax)
    }
}
