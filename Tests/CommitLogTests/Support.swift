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

/// A batch with these keys and values, one record each; a record without a value is a tombstone.
func keyedBatch(
    _ records: [(key: String?, value: String?)], producer: TestProducer? = nil, codec: CompressionCodec = .none
) -> [UInt8] {
    var builder = RecordBatchBuilder()
    for record in records {
        let value = record.value.map { Array($0.utf8) }
        func append(_ key: UnsafeRawBufferPointer?) {
            guard let value else {
                return try! builder.append(key: key, value: nil, timestampMilliseconds: 1000)
            }
            value.withUnsafeBytes { try! builder.append(key: key, value: $0, timestampMilliseconds: 1000) }
        }
        if let key = record.key { Array(key.utf8).withUnsafeBytes { append($0) } } else { append(nil) }
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
    /// Everything that can be read, as a client does that goes on behind damage.
    func contents(
        limit: ReadLimit = .highWatermark
    ) throws -> [(offset: Int64, key: String?, value: String?)] {
        var found: [(offset: Int64, key: String?, value: String?)] = []
        var reader = RecordBatchReader()
        var next = startOffset
        while true {
            let slice: LogSlice
            do throws(LogError) {
                slice = try read(from: next, maxBytes: 1 << 20, limit: limit, minimumOneBatch: true)
            } catch {
                guard case .corrupt(_, _, let behind) = error, behind > next else { throw error }
                next = behind
                continue
            }
            if slice.isEmpty { return found }
            let bytes = try slice.bytes()
            var isDamaged = false
            let aborted = limit == .lastStable ? try abortedTransactions(from: next, to: slice.offsetLimit) : []
            bytes.withUnsafeBytes { raw in
                do throws(RecordBatchError) {
                    try reader.read(raw, from: next, aborted: aborted) { record in
                        func text(_ bytes: UnsafeRawBufferPointer?) -> String? {
                            bytes.map { String(decoding: $0, as: UTF8.self) }
                        }
                        found.append((record.offset, text(record.key), text(record.value)))
                        return true
                    }
                } catch {
                    isDamaged = true
                }
            }
            // A damaged batch cannot say where it ends: a client tries the next offset.
            next = isDamaged ? max(next, (found.last?.offset ?? -1) + 1) + 1 : reader.nextOffset
        }
    }
}
