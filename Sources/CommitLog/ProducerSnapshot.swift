import Bytes
import CKernels

/// The file form of a partition's producer state: everything that the log says below the offset in the file's name, and
/// what the transaction indexes of its segments held then.
///
/// Layout, big-endian:
/// ```
/// int16 version (2)   uint32 crc of what follows
/// int32 count, count × producer   int32 count, count × index
/// producer: int64 id, int16 epoch, int32 coordinator epoch, int64 last seen (ms), int64 last offset,
///           int64 first offset of the open transaction (-1 for none), int8 batches,
///           batches × (int32 first sequence, int32 last sequence, int64 first offset, int64 last offset,
///                      int64 largest timestamp)
/// index:    int64 base offset of the segment, int32 entries, uint32 crc of the entries
/// ```
struct ProducerSnapshot: Sendable, Equatable {
    /// A producer with the first offset of its open transaction.
    struct Entry: Sendable, Equatable {
        var producer: ProducerState.Producer
        var transactionStart: Int64?
    }

    static let version: Int16 = 2
    /// How many snapshots of a partition are kept.
    static let filesMax = 2

    /// The producers by id.
    private(set) var producers: [Int64: Entry] = [:]
    /// The transaction indexes by the base offset of their segment; segments without aborted transactions have none.
    private(set) var indexes: [Int64: TransactionIndex] = [:]

    /// What `state` holds.
    init(_ state: PartitionState) {
        for (id, producer) in state.producers.producers {
            let start = state.producers.transactions.start(of: id)?.offset
            producers[id] = Entry(producer: producer, transactionStart: start)
        }
        for segment in state.segments where !segment.aborted.isEmpty { indexes[segment.base] = segment.aborted }
    }

    // MARK: - Bytes

    /// The bytes of a file.
    var encoded: [UInt8] {
        var body = ByteWriter(capacity: 16 + producers.count * 96)
        body.int32(Int32(producers.count))
        for (producerID, entry) in producers { Self.encode(producerID, entry, &body) }
        body.int32(Int32(indexes.count))
        for (base, index) in indexes {
            body.int64(base)
            body.int32(Int32(index.count))
            body.uint32(index.crc)
        }
        let bytes = body.array
        var file = ByteWriter(capacity: bytes.count + 6)
        file.int16(Self.version)
        file.uint32(bytes.withUnsafeBytes { ck_crc32c(0, $0.baseAddress!, $0.count) })
        file.append(bytes)
        return file.array
    }

    private static func encode(_ producerID: Int64, _ entry: Entry, _ body: inout ByteWriter) {
        body.int64(producerID)
        body.int16(entry.producer.epoch)
        body.int32(entry.producer.coordinatorEpoch)
        body.int64(entry.producer.lastSeenMilliseconds)
        body.int64(entry.producer.lastOffset)
        body.int64(entry.transactionStart ?? -1)
        body.int8(Int8(entry.producer.batches.count))
        for batch in entry.producer.batches {
            body.int32(batch.firstSequence)
            body.int32(batch.lastSequence)
            body.int64(batch.firstOffset)
            body.int64(batch.lastOffset)
            body.int64(batch.timestamp)
        }
    }

    /// The snapshot in a file's bytes; nil when they are damaged or of another version.
    init?(decoding bytes: [UInt8]) {
        let decoded = bytes.withUnsafeBytes { raw -> ProducerSnapshot? in
            guard raw.count >= 14 else { return nil }
            let body = UnsafeRawBufferPointer(rebasing: raw[6...])
            var reader = ByteReader(raw)
            guard (try? reader.int16()) == Self.version,
                (try? reader.uint32()) == ck_crc32c(0, body.baseAddress!, body.count)
            else { return nil }
            return try? ProducerSnapshot(&reader)
        }
        guard let decoded else { return nil }
        self = decoded
    }

    private init(_ reader: inout ByteReader) throws(DecodeError) {
        for _ in 0..<max(0, try reader.int32()) {
            let producerID = try reader.int64()
            producers[producerID] = try Self.entry(&reader)
        }
        for _ in 0..<max(0, try reader.int32()) {
            let base = try reader.int64()
            let count = Int(try reader.int32())
            guard count > 0 else { throw DecodeError("transaction index", at: reader.position) }
            indexes[base] = TransactionIndex(count: count, crc: try reader.uint32())
        }
    }

    private static func entry(_ reader: inout ByteReader) throws(DecodeError) -> Entry {
        var producer = ProducerState.Producer(epoch: try reader.int16())
        producer.coordinatorEpoch = try reader.int32()
        producer.lastSeenMilliseconds = try reader.int64()
        producer.lastOffset = try reader.int64()
        let start = try reader.int64()
        let count = Int(try reader.int8())
        guard count >= 0, count <= ProducerState.batchesMax else {
            throw DecodeError("producer batches", at: reader.position)
        }
        for _ in 0..<count {
            producer.batches.append(
                ProducerState.Batch(
                    firstSequence: try reader.int32(), lastSequence: try reader.int32(),
                    firstOffset: try reader.int64(), lastOffset: try reader.int64(), timestamp: try reader.int64()))
        }
        return Entry(producer: producer, transactionStart: start >= 0 ? start : nil)
    }
}
