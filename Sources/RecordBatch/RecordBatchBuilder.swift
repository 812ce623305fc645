import Bytes
import Compression

/// What a finished batch says about itself beside its records.
public struct RecordBatchOptions: Sendable {
    /// How the records are compressed.
    public var codec: CompressionCodec = .none
    /// The offset of the first record; the log that takes the batch replaces it.
    public var baseOffset: Int64 = 0
    /// The leader's epoch; -1 for unknown.
    public var partitionLeaderEpoch: Int32 = -1
    /// The idempotent producer's id; -1 for none.
    public var producerID: Int64 = -1
    /// The idempotent producer's epoch; -1 for none.
    public var producerEpoch: Int16 = -1
    /// The sequence number of the first record; -1 for none.
    public var baseSequence: Int32 = -1
    /// Whether the batch belongs to a transaction.
    public var isTransactional = false
    /// Whether the batch holds a transaction marker.
    public var isControl = false
    /// Whether the largest timestamp counts for all records.
    public var isLogAppendTime = false
    /// The last offset from the base offset, where it is not the last record's: a compacted batch keeps its range.
    public var lastOffsetDelta: Int32?

    /// Neither compressed nor from an idempotent producer.
    public init() {}
}

/// Builds batches one after another in the same memory.
///
/// Append records, `finish`, use the batch in `withBatch`, `reset`.
public struct RecordBatchBuilder: ~Copyable {
    /// The most bytes of one batch: its length field is an int32.
    public static let byteCountMax = Int(Int32.max)
    /// Memory that `reset` keeps, bytes.
    private static let keptBytesMax = 4 << 20

    private var buffer: ByteWriter
    private var packed: ByteWriter
    private var isPacked = false
    private var isFinished = false
    private var baseTimestamp: Int64 = -1
    private var hasDeleteHorizon = false
    private var maxTimestamp: Int64 = -1
    private var lastOffsetDelta: Int32 = -1
    /// Records so far.
    public private(set) var recordCount: Int32 = 0

    /// An empty builder with room for `capacity` bytes.
    public init(capacity: Int = 16 << 10) {
        buffer = ByteWriter(capacity: capacity)
        packed = ByteWriter(capacity: 0)
        buffer.zeros(RecordBatchHeader.size)
    }

    /// Bytes of the batch: uncompressed while it grows, as they are once it is finished.
    public var byteCount: Int { isPacked ? packed.count : buffer.count }

    /// Whether there are no records yet.
    public var isEmpty: Bool { recordCount == 0 }

    /// Appends a record. `offsetDelta` is given only where offsets have gaps and must grow; timestamps are ms since
    /// the epoch, -1 for unknown. Throws `tooLarge` when the batch would exceed `byteCountMax`, and stays as it was.
    public mutating func append(
        key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, headers: [RecordHeader] = [],
        timestampMilliseconds: Int64, offsetDelta: Int32? = nil
    ) throws(RecordBatchError) {
        guard !headers.isEmpty else {
            try appendFields(key, value, .none, timestampMilliseconds, offsetDelta)
            return
        }
        var encoded = ByteWriter(capacity: 64 * headers.count)
        for header in headers {
            encoded.varint(try Self.length(header.name.utf8.count))
            encoded.utf8(header.name)
            encoded.varint(
                try header.value.map { (value) throws(RecordBatchError) in try Self.length(value.count) } ?? -1)
            if let value = header.value { encoded.append(value) }
        }
        try encoded.withBytes { (bytes) throws(RecordBatchError) in
            let list = RecordHeaders(count: headers.count, bytes: bytes)
            try appendFields(key, value, list, timestampMilliseconds, offsetDelta)
        }
    }

    /// Appends a copy of `record` with its headers and time. Its offset delta is kept if `keepsOffset`; otherwise the
    /// record takes the next one.
    public mutating func append(_ record: Record, keepsOffset: Bool) throws(RecordBatchError) {
        try appendFields(
            record.key, record.value, record.headers, record.timestampMilliseconds,
            keepsOffset ? record.offsetDelta : nil)
    }

    private static func length(_ count: Int) throws(RecordBatchError) -> Int32 {
        guard let length = Int32(exactly: count) else {
            throw RecordBatchError(.tooLarge, "\(count) bytes in a record", at: 0)
        }
        return length
    }

    private mutating func appendFields(
        _ key: UnsafeRawBufferPointer?, _ value: UnsafeRawBufferPointer?, _ headers: RecordHeaders,
        _ timestamp: Int64, _ explicitDelta: Int32?
    ) throws(RecordBatchError) {
        precondition(!isFinished, "reset the builder before the next batch")
        let offsetDelta = explicitDelta ?? lastOffsetDelta + 1
        precondition(offsetDelta > lastOffsetDelta, "offset deltas must grow")
        precondition(timestamp >= -1, "a timestamp before 1970")
        let timestampDelta = recordCount == 0 && !hasDeleteHorizon ? 0 : timestamp &- baseTimestamp
        let body =
            1 + RecordFields.size(timestampDelta) + RecordFields.size(Int64(offsetDelta))
            + RecordFields.size(key) + RecordFields.size(value)
            + RecordFields.size(Int64(headers.count)) + headers.bytes.count
        guard body <= Self.byteCountMax - buffer.count - 5 else {
            throw RecordBatchError(.tooLarge, "a record of \(body) bytes behind \(buffer.count)", at: buffer.count)
        }
        _ = buffer.fill(room: body + 5) { room in
            guard let start = room.baseAddress else { return 0 }
            var fields = RecordFields(next: start)
            fields.write(Int64(body))
            fields.write(byte: 0)
            fields.write(timestampDelta)
            fields.write(Int64(offsetDelta))
            fields.write(key)
            fields.write(value)
            fields.write(Int64(headers.count))
            fields.write(raw: headers.bytes)
            return fields.next - start
        }
        if recordCount == 0 && !hasDeleteHorizon { baseTimestamp = timestamp }
        maxTimestamp = max(maxTimestamp, timestamp)
        lastOffsetDelta = offsetDelta
        recordCount += 1
    }

    /// Compresses the records, writes header and CRC, and makes the batch ready for `withBatch`.
    ///
    /// A batch without records needs an explicit `lastOffsetDelta`.
    public mutating func finish(_ options: RecordBatchOptions = RecordBatchOptions()) throws(RecordBatchError) {
        precondition(!isFinished, "finished already")
        precondition(recordCount > 0 || options.lastOffsetDelta != nil, "a batch without records and offsets")
        precondition(options.lastOffsetDelta ?? lastOffsetDelta >= lastOffsetDelta, "an offset behind the last")
        var header = RecordBatchHeader(
            baseOffset: options.baseOffset, recordCount: recordCount, baseTimestamp: baseTimestamp,
            maxTimestamp: maxTimestamp)
        header.partitionLeaderEpoch = options.partitionLeaderEpoch
        header.attributes = Int16(options.codec.rawValue)
        if options.isTransactional { header.attributes |= RecordBatchHeader.transactionalBit }
        if options.isControl { header.attributes |= RecordBatchHeader.controlBit }
        if options.isLogAppendTime { header.attributes |= RecordBatchHeader.logAppendTimeBit }
        if hasDeleteHorizon { header.attributes |= RecordBatchHeader.deleteHorizonBit }
        header.lastOffsetDelta = options.lastOffsetDelta ?? lastOffsetDelta
        header.producerID = options.producerID
        header.producerEpoch = options.producerEpoch
        header.baseSequence = options.baseSequence
        if options.codec == .none {
            Self.seal(&buffer, header)
        } else {
            try pack(options.codec)
            Self.seal(&packed, header)
            isPacked = true
        }
        isFinished = true
    }

    private mutating func pack(_ codec: CompressionCodec) throws(RecordBatchError) {
        packed.truncate(to: 0)
        packed.zeros(RecordBatchHeader.size)
        do throws(CompressionError) {
            try buffer.withBytes { [codec] (bytes) throws(CompressionError) in
                let records = UnsafeRawBufferPointer(rebasing: bytes[RecordBatchHeader.size...])
                try codec.compress(records, into: &packed)
            }
        } catch {
            throw RecordBatchError(.tooLarge, "\(error)", at: RecordBatchHeader.size)
        }
        guard packed.count <= Self.byteCountMax else {
            throw RecordBatchError(.tooLarge, "\(packed.count) bytes of a batch", at: packed.count)
        }
    }

    private static func seal(_ writer: inout ByteWriter, _ header: RecordBatchHeader) {
        var header = header
        header.batchLength = Int32(writer.count - RecordBatchHeader.prefixSize)
        writer.withMutableBytes { bytes in
            header.write(to: bytes)
            RecordBatchHeader.seal(bytes)
        }
    }

    /// Lets `body` use the finished batch.
    public borrowing func withBatch<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        precondition(isFinished, "finish the batch first")
        return isPacked ? try packed.withBytes(body) : try buffer.withBytes(body)
    }

    /// Lets `body` change the finished batch in place, such as its base offset.
    public mutating func withMutableBatch<R: ~Copyable, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        precondition(isFinished, "finish the batch first")
        return isPacked ? try packed.withMutableBytes(body) : try buffer.withMutableBytes(body)
    }

    /// Forgets everything and keeps the memory, up to 4 MiB of it.
    ///
    /// - Parameter deleteHorizonMilliseconds: of the next batch: from when compaction may remove its tombstones or marker,
    ///   ms since the epoch (KIP-534); nil for none.
    public mutating func reset(deleteHorizonMilliseconds: Int64? = nil) {
        if buffer.allocated > Self.keptBytesMax { buffer = ByteWriter(capacity: 16 << 10) }
        if packed.allocated > Self.keptBytesMax { packed = ByteWriter(capacity: 0) }
        buffer.truncate(to: 0)
        buffer.zeros(RecordBatchHeader.size)
        packed.truncate(to: 0)
        isPacked = false
        isFinished = false
        baseTimestamp = deleteHorizonMilliseconds ?? -1
        hasDeleteHorizon = deleteHorizonMilliseconds != nil
        maxTimestamp = -1
        lastOffsetDelta = -1
        recordCount = 0
    }
}
