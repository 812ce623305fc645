import Bytes
import CommitLog
import Compression
import RecordBatch
import System
import TestSupport
import Testing

struct TestProducer {
    var id: Int64
    var epoch: Int16 = 0
    var sequence: Int32
    var isTransactional = false
}

/// A batch with these values, one record each.
func batch(
    _ values: [String], timestamps: [Int64]? = nil, producer: TestProducer? = nil,
    codec: CompressionCodec = .none
) -> [UInt8] {
    var builder = RecordBatchBuilder()
    for (index, value) in values.enumerated() {
        Array(value.utf8).withUnsafeBytes { bytes in
            try! builder.append(key: nil, value: bytes, timestampMilliseconds: timestamps?[index] ?? 1000)
        }
    }
    var options = RecordBatchOptions()
    options.codec = codec
    if let producer {
        options.producerID = producer.id
        options.producerEpoch = producer.epoch
        options.baseSequence = producer.sequence
        options.isTransactional = producer.isTransactional
    }
    try! builder.finish(options)
    return builder.withBatch { [UInt8]($0) }
}

extension PartitionLog {
    @discardableResult
    func append(bytes: [UInt8], _ durability: Durability = .written) throws(LogError) -> AppendResult {
        var bytes = bytes
        return try bytes.withUnsafeMutableBufferPointer { (raw) throws(LogError) in
            let buffer = UnsafeMutableRawBufferPointer(raw)
            let header = try! RecordBatchHeader(parsing: UnsafeRawBufferPointer(buffer))
            return try append(buffer, header: header, durability: durability)
        }
    }

    /// All records from `offset` on, read slice by slice.
    ///
    /// With `limit: .lastStable`, as a consumer of committed data reads them.
    func records(from offset: Int64? = nil, limit: ReadLimit = .highWatermark, maxBytes: Int = 1 << 20) throws
        -> [(offset: Int64, value: String)]
    {
        var records: [(offset: Int64, value: String)] = []
        var reader = RecordBatchReader()
        var next = offset ?? startOffset
        while true {
            let slice = try read(from: next, maxBytes: maxBytes, limit: limit, minimumOneBatch: true)
            if slice.isEmpty { return records }
            let bytes = try slice.bytes()
            #expect(bytes.count == slice.count)
            var walked = 0
            let aborted = limit == .lastStable ? try abortedTransactions(from: next, to: slice.offsetLimit) : []
            try bytes.withUnsafeBytes { raw in
                walked = try reader.read(raw, from: next, aborted: aborted) { record in
                    records.append(
                        (record.offset, String(decoding: record.value ?? .init(start: nil, count: 0), as: UTF8.self)))
                    return true
                }
            }
            #expect(walked == bytes.count, "whole batches only: \(damage) \(slice.position) \(next)")
            #expect(reader.nextOffset > next)
            next = reader.nextOffset
        }
    }

    /// Ends a transaction.
    @discardableResult
    func end(
        _ producerID: Int64, epoch: Int16 = 0, _ outcome: ControlRecord.Outcome, coordinatorEpoch: Int32 = 0,
        _ durability: Durability = .written
    ) throws(LogError) -> AppendResult {
        try appendMarker(
            ControlRecord(outcome: outcome, coordinatorEpoch: coordinatorEpoch), producerID: producerID,
            producerEpoch: epoch, durability: durability)
    }

    func values(limit: ReadLimit = .highWatermark, maxBytes: Int = 1 << 20) throws -> [String] {
        try records(limit: limit, maxBytes: maxBytes).map(\.value)
    }
}

/// Options for tests: no threads, so that nothing happens by itself.
func quiet(_ change: (inout LogOptions) -> Void = { _ in }) -> LogOptions {
    var options = LogOptions()
    options.startsThreads = false
    options.minimumFreeBytes = 0
    change(&options)
    return options
}

func open(
    _ directory: TemporaryDirectory, _ options: LogOptions = quiet(), clock: any Clock = SystemClock()
) throws -> CommitLog {
    try CommitLog(
        directory: directory.path + "/data", options: options, fileSystem: LocalFileSystem(), clock: clock)
}

func topicDirectory(_ directory: TemporaryDirectory, _ name: String = "t-0") -> String {
    directory.path + "/data/topics/" + name
}

/// Changes a file's bytes behind the log's back.
func rewrite(_ path: String, _ change: (inout [UInt8]) -> Void) throws {
    let files = LocalFileSystem()
    var bytes = try files.contents(path)
    change(&bytes)
    let file = try files.open(path, .readWrite)
    try file.truncate(to: 0)
    try bytes.withUnsafeBytes { try file.write($0, at: 0) }
}
