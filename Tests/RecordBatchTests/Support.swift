import Bytes
import Compression
import RecordBatch

struct Sample: Equatable {
    var key: [UInt8]?
    var value: [UInt8]?
    var headers: [RecordHeader] = []
    var timestamp: Int64
    var offset: Int64 = 0
}

/// Three records that have everything: nulls, empties, headers, times that go backwards.
let samples: [Sample] = [
    Sample(key: Array("key".utf8), value: Array("value".utf8), timestamp: 1_700_000_000_000),
    Sample(
        key: nil, value: nil,
        headers: [RecordHeader(name: "schema", value: [1, 2, 3]), RecordHeader(name: "é", value: nil)],
        timestamp: 1_700_000_123_456, offset: 1),
    Sample(
        key: [], value: [UInt8](repeating: 9, count: 200), headers: [RecordHeader(name: "", value: [])],
        timestamp: 1_699_999_999_999, offset: 2),
]

extension Optional<[UInt8]> {
    func withRaw<R, E: Error>(_ body: (UnsafeRawBufferPointer?) throws(E) -> R) throws(E) -> R {
        guard let self else { return try body(nil) }
        // An empty array is an empty key, not an absent one.
        return try self.withUnsafeBufferPointer { (bytes) throws(E) in try body(UnsafeRawBufferPointer(bytes)) }
    }
}

func append(_ sample: Sample, to builder: inout RecordBatchBuilder) throws(RecordBatchError) {
    try sample.key.withRaw { (key) throws(RecordBatchError) in
        try sample.value.withRaw { (value) throws(RecordBatchError) in
            try builder.append(
                key: key, value: value, headers: sample.headers, timestampMilliseconds: sample.timestamp)
        }
    }
}

func build(_ samples: [Sample], _ options: RecordBatchOptions = RecordBatchOptions()) throws(RecordBatchError)
    -> [UInt8]
{
    var builder = RecordBatchBuilder()
    for sample in samples { try append(sample, to: &builder) }
    try builder.finish(options)
    return builder.withBatch { [UInt8]($0) }
}

func build(_ samples: [Sample], codec: CompressionCodec, baseOffset: Int64 = 0) throws(RecordBatchError) -> [UInt8] {
    var options = RecordBatchOptions()
    options.codec = codec
    options.baseOffset = baseOffset
    return try build(samples, options)
}

func validate(_ batch: [UInt8], limit: Int = 1 << 20) throws(RecordBatchError) -> ValidatedBatch {
    var scratch = ByteWriter()
    return try batch.withUnsafeBufferPointer { (bytes) throws(RecordBatchError) in
        try RecordBatchValidator.validate(UnsafeRawBufferPointer(bytes), scratch: &scratch, decompressedBytesMax: limit)
    }
}

func checkFrame(_ batch: [UInt8]) throws(RecordBatchError) -> RecordBatchHeader {
    try batch.withUnsafeBufferPointer { (bytes) throws(RecordBatchError) in
        try RecordBatchValidator.checkFrame(UnsafeRawBufferPointer(bytes))
    }
}

/// Everything a reader delivers, and where it would go on.
func read(
    _ log: [UInt8], from offset: Int64 = 0, aborted: [AbortedTransaction] = [], stopAfter: Int = .max
) throws(RecordBatchError) -> (records: [Sample], nextOffset: Int64, passed: Int) {
    var reader = RecordBatchReader()
    var records: [Sample] = []
    let passed = try log.withUnsafeBufferPointer { (bytes) throws(RecordBatchError) in
        try reader.read(UnsafeRawBufferPointer(bytes), from: offset, aborted: aborted) { record in
            records.append(
                Sample(
                    key: record.key.map { [UInt8]($0) }, value: record.value.map { [UInt8]($0) },
                    headers: record.headers.copied, timestamp: record.timestampMilliseconds, offset: record.offset))
            return records.count < stopAfter
        }
    }
    return (records, reader.nextOffset, passed)
}

/// The batch with `body` done to it and its CRC renewed, so that only what `body` did can be wrong.
func resealed(_ batch: [UInt8], _ body: (inout [UInt8]) -> Void) -> [UInt8] {
    var batch = batch
    body(&batch)
    let length = UInt32(batch.count - RecordBatchHeader.prefixSize)
    for index in 0..<4 { batch[8 + index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index)) }
    batch.withUnsafeMutableBytes { RecordBatchHeader.seal($0) }
    return batch
}

/// A batch of `count` claimed records around these record bytes.
func rawBatch(_ records: [UInt8], count: Int32 = 1) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: RecordBatchHeader.size)
    let header = RecordBatchHeader(baseOffset: 0, recordCount: count, baseTimestamp: 0, maxTimestamp: 0)
    bytes.withUnsafeMutableBytes { header.write(to: $0) }
    return resealed(bytes + records) { _ in }
}
