import Bytes

/// The fixed 61-byte head of a Kafka record batch, version 2 (magic 2).
///
/// Layout, big-endian (Kafka documentation, "Record Batch"):
/// ```
///  0 int64 baseOffset          23 int32 lastOffsetDelta    51 int16 producerEpoch
///  8 int32 batchLength         27 int64 baseTimestamp      53 int32 baseSequence
/// 12 int32 partitionLeaderEpoch 35 int64 maxTimestamp      57 int32 recordCount
/// 16 int8  magic               43 int64 producerId         61 records
/// 17 uint32 crc (of everything from byte 21)
/// 21 int16 attributes: bits 0-2 codec, 3 timestamp type, 4 transactional, 5 control, 6 delete horizon
/// ```
public struct RecordBatchHeader: Equatable, Sendable {
    /// Bytes of the header.
    public static let size = 61
    /// Bytes before `batchLength` starts to count.
    public static let prefixSize = 12
    /// Where the CRC's range begins.
    public static let crcStart = 21

    /// The offset of the first record.
    public var baseOffset: Int64
    /// Bytes after the length field itself.
    public var batchLength: Int32
    /// The leader epoch of the broker that wrote it.
    public var partitionLeaderEpoch: Int32
    /// The format version.
    public var magic: Int8
    /// CRC-32C of everything from byte 21 on.
    public var crc: UInt32
    /// Codec, timestamp type, transactional and control bits.
    public var attributes: Int16
    /// The offset of the last record, from `baseOffset`.
    public var lastOffsetDelta: Int32
    /// The timestamp of the first record, ms since the epoch.
    public var baseTimestamp: Int64
    /// The largest timestamp of the records, ms since the epoch.
    public var maxTimestamp: Int64
    /// The idempotent producer's id; -1 for none.
    public var producerID: Int64
    /// The idempotent producer's epoch; -1 for none.
    public var producerEpoch: Int16
    /// The sequence number of the first record; -1 for none.
    public var baseSequence: Int32
    /// How many records.
    public var recordCount: Int32

    /// Reads the header at the start of `bytes`; checks only that the bytes are there.
    public init(parsing bytes: UnsafeRawBufferPointer) throws(DecodeError) {
        guard bytes.count >= Self.size else { throw DecodeError("record batch header", at: bytes.count) }
        func load<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ type: T.Type) -> T {
            T(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
        }
        baseOffset = load(0, Int64.self)
        batchLength = load(8, Int32.self)
        partitionLeaderEpoch = load(12, Int32.self)
        magic = load(16, Int8.self)
        crc = load(17, UInt32.self)
        attributes = load(21, Int16.self)
        lastOffsetDelta = load(23, Int32.self)
        baseTimestamp = load(27, Int64.self)
        maxTimestamp = load(35, Int64.self)
        producerID = load(43, Int64.self)
        producerEpoch = load(51, Int16.self)
        baseSequence = load(53, Int32.self)
        recordCount = load(57, Int32.self)
    }

    /// Bytes of the whole batch.
    public var totalBytes: Int { Self.prefixSize + Int(batchLength) }
    /// The offset of the last record; wraps around for a base offset that no log would give.
    public var lastOffset: Int64 { baseOffset &+ Int64(lastOffsetDelta) }
    /// The number of the compression codec: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.
    public var codecNumber: Int { Int(attributes & 7) }
    /// Whether the broker stamped the records (LogAppendTime).
    public var isLogAppendTime: Bool { attributes & 8 != 0 }
    /// Whether the batch belongs to a transaction.
    public var isTransactional: Bool { attributes & 16 != 0 }
    /// Whether the batch holds a transaction marker instead of data.
    public var isControl: Bool { attributes & 32 != 0 }
    /// Whether `baseTimestamp` is the time from which compaction may remove tombstones and markers of the batch (KIP-534).
    public var hasDeleteHorizon: Bool { attributes & 64 != 0 }

    /// Overwrites base offset and leader epoch in the batch at `bytes`; both lie outside the CRC.
    public static func patch(
        _ bytes: UnsafeMutableRawBufferPointer, baseOffset: Int64, leaderEpoch: Int32
    ) {
        precondition(bytes.count >= size)
        bytes.storeBytes(of: baseOffset.bigEndian, toByteOffset: 0, as: Int64.self)
        bytes.storeBytes(of: leaderEpoch.bigEndian, toByteOffset: 12, as: Int32.self)
    }
}
