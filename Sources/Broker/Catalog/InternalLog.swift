import Bytes
import CommitLog
import Observability
import RecordBatch
import Synchronization
import System

/// Keys and values that the broker keeps for itself in one partition of its own log; the last value of a key counts.
///
/// The log does not grow for ever: when it has become several times larger than what counts, the owner writes all of
/// that again at the end, and what lies before is dropped. A crash in between leaves both, which says the same.
final class InternalLog: Sendable {
    /// Below this size a log is never rewritten where nothing else is said, bytes.
    static let rewriteBytesMin: Int64 = 8 << 20
    /// The log may grow to this many times its size after the last rewrite.
    static let rewriteRatio: Int64 = 4
    /// Bytes of one batch of a rewrite.
    private static let batchBytes = 256 << 10

    /// Settings of the partitions that the broker keeps for itself: nothing expires, small segments, and what was answered
    /// is on the disk whatever `BrokerOptions.durability` says of records.
    static let settings: PartitionSettings = {
        var settings = PartitionSettings()
        settings.segmentBytes = 4 << 20
        settings.segmentMilliseconds = .max / 2
        settings.retentionMilliseconds = -1
        settings.retentionBytes = -1
        settings.isDeletable = false
        settings.isAlwaysDurable = true
        return settings
    }()

    /// One key with its value; nil removes the key.
    typealias Pair = (key: [UInt8], value: [UInt8]?)

    /// The partition that holds the records.
    let partition: PartitionLog
    private let clock: any Clock
    private let rewriteBytesMin: Int64
    /// Bytes that the log had after the last rewrite, or when it was opened.
    private let rewrittenBytes = Atomic<Int64>(0)

    /// A store in `partition`, which is never rewritten below `rewriteBytesMin`.
    init(_ partition: PartitionLog, clock: any Clock, rewriteBytesMin: Int64 = InternalLog.rewriteBytesMin) {
        self.partition = partition
        self.rewriteBytesMin = rewriteBytesMin
        self.clock = clock
    }

    /// Calls `body` for each record in order.
    ///
    /// - Parameter skipsDamage: whether damaged batches are stepped over with a warning instead of thrown.
    func replay(
        skipsDamage: Bool = false,
        _ body: (Int64, UnsafeRawBufferPointer?, UnsafeRawBufferPointer?) throws(BrokerError) -> Void
    ) throws(BrokerError) {
        var buffer = SliceBuffer()
        var offset = partition.startOffset
        let end = partition.endOffset
        while offset < end {
            var failure: BrokerError?
            do throws(LogError) {
                let slice = try partition.read(
                    from: offset, maxBytes: 1 << 20, limit: .logEnd, minimumOneBatch: true)
                guard !slice.isEmpty else { break }
                offset = try buffer.read(slice, from: offset) { record in
                    do throws(BrokerError) {
                        try body(record.offset, record.key, record.value)
                        return true
                    } catch {
                        failure = error
                        return false
                    }
                }
            } catch {
                guard skipsDamage, case .corrupt(_, _, let next) = error, next > offset else {
                    throw BrokerError(.dataDirectory, "\(error); restore the file from a copy, or move it away")
                }
                Log("broker").warning("\(error); what was kept there is lost")
                offset = next
            }
            if let failure { throw failure }
        }
    }

    /// Writes records as one batch; returns the offset of the last one. They count once `whenDurable` says so.
    func append(_ pairs: [Pair]) throws(BrokerError) -> Int64 {
        precondition(!pairs.isEmpty)
        let now = clock.wallMilliseconds
        let built: Result<Int64, BrokerError>
        do throws(RecordBatchError) {
            var builder = RecordBatchBuilder(capacity: 1024)
            for pair in pairs {
                try pair.key.withUnsafeBufferPointer { (key) throws(RecordBatchError) in
                    if let value = pair.value {
                        try value.withUnsafeBufferPointer { (value) throws(RecordBatchError) in
                            try builder.append(
                                key: UnsafeRawBufferPointer(key), value: UnsafeRawBufferPointer(value),
                                timestampMilliseconds: now)
                        }
                    } else {
                        try builder.append(key: UnsafeRawBufferPointer(key), value: nil, timestampMilliseconds: now)
                    }
                }
            }
            try builder.finish()
            built = builder.withMutableBatch { bytes in
                do throws(LogError) {
                    let header = try! RecordBatchHeader(parsing: UnsafeRawBufferPointer(bytes))  // just built
                    return .success(try partition.append(bytes, header: header, durability: .durable).lastOffset)
                } catch {
                    return .failure(BrokerError(error))
                }
            }
        } catch {
            throw BrokerError(.invalidRequest, "\(error)")
        }
        return try built.get()
    }

    /// Calls `body` on any thread once everything up to `offset` is durable, or with what failed.
    func whenDurable(_ offset: Int64, _ body: @escaping @Sendable (BrokerError?) -> Void) {
        partition.whenDurable(upTo: offset + 1) { result in
            switch result {
            case .success: body(nil)
            case .failure(let error): body(BrokerError(error))
            }
        }
    }

    /// Returns when everything up to `offset` is durable.
    func waitUntilDurable(_ offset: Int64) throws(BrokerError) {
        let outcome = Condition<Result<Void, BrokerError>?>(nil)
        whenDurable(offset) { failure in
            outcome.update { $0 = failure.map { .failure($0) } ?? .success(()) }
        }
        guard let result = outcome.wait(milliseconds: nil, until: { $0 }) else { return }
        try result.get()
    }

    /// Whether the log has become much larger than what counts.
    var isRewriteWorthwhile: Bool {
        partition.sizeBytes
            > max(rewriteBytesMin, rewrittenBytes.load(ordering: .relaxed) * Self.rewriteRatio)
    }

    /// Writes everything that counts to the end of the log and drops what is before, if that pays. The caller keeps
    /// other writers out.
    func rewriteIfWorthwhile(_ everything: () -> [Pair]) throws(BrokerError) {
        guard isRewriteWorthwhile else { return }
        let start = partition.endOffset
        var last: Int64 = start - 1
        var batch: [Pair] = []
        var batchBytes = 0
        for pair in everything() {
            batch.append(pair)
            batchBytes += pair.key.count + (pair.value?.count ?? 0)
            if batchBytes >= Self.batchBytes {
                last = try append(batch)
                batch.removeAll(keepingCapacity: true)
                batchBytes = 0
            }
        }
        if !batch.isEmpty { last = try append(batch) }
        if last >= start { try waitUntilDurable(last) }
        try dropRecords(before: start)
    }

    /// The offset that the next record will have.
    var endOffset: Int64 { partition.endOffset }

    /// Drops what stands before `offset`, when all of it that counts stands again behind.
    func dropRecords(before offset: Int64) throws(BrokerError) {
        do throws(LogError) {
            try partition.deleteRecords(before: offset)
        } catch {
            throw BrokerError(error)
        }
        rewrittenBytes.store(partition.sizeBytes, ordering: .relaxed)
    }
}
