import Bytes
import CKernels

/// The file form of a partition's producer state: everything that the log says below the offset in the file's name.
///
/// Layout, big-endian:
/// ```
/// int16 version (1)   uint32 crc of what follows   int32 count   count × producer
/// producer: int64 id, int16 epoch, int64 last timestamp, int64 last offset, int8 batches,
///           batches × (int32 first sequence, int32 last sequence, int64 first offset, int64 last offset)
/// ```
enum ProducerSnapshot {
    static let version: Int16 = 1
    /// How many snapshots of a partition are kept.
    static let filesMax = 2

    /// The bytes of a file.
    static func encode(_ state: ProducerState) -> [UInt8] {
        var body = ByteWriter(capacity: 16 + state.producers.count * 64)
        body.int32(Int32(state.producers.count))
        for (producerID, producer) in state.producers {
            body.int64(producerID)
            body.int16(producer.epoch)
            body.int64(producer.lastTimestamp)
            body.int64(producer.lastOffset)
            body.int8(Int8(producer.batches.count))
            for batch in producer.batches {
                body.int32(batch.firstSequence)
                body.int32(batch.lastSequence)
                body.int64(batch.firstOffset)
                body.int64(batch.lastOffset)
            }
        }
        let bytes = body.array
        var file = ByteWriter(capacity: bytes.count + 6)
        file.int16(version)
        file.uint32(bytes.withUnsafeBytes { ck_crc32c(0, $0.baseAddress!, $0.count) })
        file.append(bytes)
        return file.array
    }

    /// The state in a file's bytes; nil when they are damaged or of another version.
    static func decode(_ bytes: [UInt8]) -> ProducerState? {
        bytes.withUnsafeBytes { raw in
            guard raw.count >= 10 else { return nil }
            let body = UnsafeRawBufferPointer(rebasing: raw[6...])
            var reader = ByteReader(raw)
            guard (try? reader.int16()) == version,
                (try? reader.uint32()) == ck_crc32c(0, body.baseAddress!, body.count)
            else { return nil }
            return try? state(&reader)
        }
    }

    private static func state(_ reader: inout ByteReader) throws(DecodeError) -> ProducerState {
        var state = ProducerState()
        for _ in 0..<max(0, try reader.int32()) {
            let producerID = try reader.int64()
            var producer = ProducerState.Producer(
                epoch: try reader.int16(), batches: [], lastTimestamp: try reader.int64(),
                lastOffset: try reader.int64())
            let count = Int(try reader.int8())
            guard count >= 0, count <= ProducerState.batchesMax else {
                throw DecodeError("producer batches", at: reader.position)
            }
            for _ in 0..<count {
                producer.batches.append(
                    ProducerState.Batch(
                        firstSequence: try reader.int32(), lastSequence: try reader.int32(),
                        firstOffset: try reader.int64(), lastOffset: try reader.int64()))
            }
            state.restore(producerID, producer)
        }
        return state
    }
}
