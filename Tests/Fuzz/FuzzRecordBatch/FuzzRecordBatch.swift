import Bytes
import Compression
import RecordBatch

/// Any bytes as a log, and the same bytes with a right CRC and length as the batch of a producer.
///
/// Beyond "it does not crash": a batch that the validator takes can be read to its last record, and its records can be
/// built into a batch again, which is what compaction does.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRecordBatch(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    readUnchecked(bytes)
    guard count >= RecordBatchHeader.size else { return 0 }
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
    defer { copy.deallocate() }
    copy.copyMemory(from: bytes)
    copy.storeBytes(
        of: Int32(count - RecordBatchHeader.prefixSize).bigEndian, toByteOffset: 8, as: Int32.self)
    RecordBatchHeader.seal(copy)
    validate(UnsafeRawBufferPointer(copy))
    return 0
}

/// Small, so that many inputs are tried in a second.
private let decompressedBytesMax = 1 << 20

private func readUnchecked(_ bytes: UnsafeRawBufferPointer) {
    var reader = RecordBatchReader(checksCRC: false, decompressedBytesMax: decompressedBytesMax)
    _ = try? reader.read(bytes, from: 0) { record in
        _ = record.headers.copied
        return true
    }
}

private func validate(_ batch: UnsafeRawBufferPointer) {
    var scratch = ByteWriter(capacity: 0)
    let valid: ValidatedBatch
    do throws(RecordBatchError) {
        valid = try RecordBatchValidator.validate(batch, scratch: &scratch, decompressedBytesMax: decompressedBytesMax)
    } catch {
        return
    }
    // The log replaces the base offset before it keeps a batch.
    guard valid.header.baseOffset >= 0, valid.header.baseOffset < 1 << 48, !valid.isControl else { return }
    var reader = RecordBatchReader(decompressedBytesMax: decompressedBytesMax)
    var builder = RecordBatchBuilder()
    var records: Int32 = 0
    do throws(RecordBatchError) {
        try reader.read(batch, from: 0) { record in
            records += 1
            precondition((try? builder.append(record, keepsOffset: true)) != nil, "a valid record was refused")
            return true
        }
        precondition(records == valid.header.recordCount, "records got lost")
        try builder.finish()
        try builder.withBatch { (rebuilt) throws(RecordBatchError) in
            _ = try RecordBatchValidator.validate(
                rebuilt, scratch: &scratch, decompressedBytesMax: decompressedBytesMax)
        }
    } catch {
        preconditionFailure("a valid batch cannot be read or rebuilt: \(error)")
    }
}
