import CommitLog
import RecordBatch
import Streams
import System

/// Reads partitions straight from the log's files, and sleeps until one of them grows.
///
/// It sees what was committed: no records of transactions that are open or were aborted.
final class EmbeddedReader: StreamReader {
    /// Bytes that one `read` takes from one partition.
    private static let partitionBytes = 1 << 20
    /// Bytes that one `read` takes at all, apart from a larger first batch.
    private static let readBytesMax = 4 << 20

    let assignments: [TopicPartition]
    private let logs: [PartitionLog]
    private var positions: [Int64]
    /// The partition that the next `read` begins with, so that none is kept waiting by the others.
    private var turn = 0
    private var buffer = SliceBuffer()
    /// A failure that waits for the records before it to be handed out.
    private var pendingError: StreamError?
    /// Counts appends, so that a sleeper sees those that came before it slept.
    private let appends = Condition(0)
    private var observers: [ObserverToken] = []
    private var isClosed = false

    init(_ assignments: [ReaderAssignment], _ logs: [PartitionLog]) throws(StreamError) {
        precondition(assignments.count == logs.count)
        self.assignments = assignments.map(\.partition)
        self.logs = logs
        positions = []
        for (assignment, log) in zip(assignments, logs) {
            positions.append(try Self.position(assignment.start, log))
        }
        let appends = appends
        observers = logs.map { log in log.observe { appends.update { $0 &+= 1 } } }
    }

    deinit { stopObserving() }

    private static func position(_ start: StartPosition, _ log: PartitionLog) throws(StreamError) -> Int64 {
        switch start {
        case .beginning: return log.startOffset
        case .end: return log.lastStableOffset
        case .offset(let offset):
            let low = log.startOffset
            let high = log.highWatermark
            guard offset >= low, offset <= high else {
                throw StreamError(
                    .offsetOutOfRange, "offset \(offset) is outside the log, which holds \(low)..<\(high)")
            }
            return offset
        case .timestamp(let milliseconds):
            do throws(LogError) {
                return min(try log.offset(forTimestamp: milliseconds)?.offset ?? .max, log.lastStableOffset)
            } catch {
                throw error.streamError
            }
        }
    }

    func read(waitMilliseconds: Int, _ body: (StreamRecord) -> Void) throws(StreamError) -> Int {
        guard !isClosed else { throw StreamError(.closed, "the reader is closed") }
        let clock = SystemClock()
        let deadline = clock.monotonicNanoseconds + UInt64(max(0, waitMilliseconds)) * 1_000_000
        while true {
            if let error = pendingError {
                pendingError = nil
                throw error
            }
            let seen = appends.withLock { $0 }
            let round = readOnce(body)
            if round.records > 0 { return round.records }
            // Batches without records for anybody, such as transaction markers, are passed without sleeping.
            if pendingError != nil || round.bytes > 0 { continue }
            let now = clock.monotonicNanoseconds
            guard now < deadline else { return 0 }
            let left = Int((deadline - now) / 1_000_000) + 1
            let grown = appends.wait(milliseconds: left) { $0 != seen ? true : nil }
            if grown == nil && clock.monotonicNanoseconds >= deadline { return 0 }
        }
    }

    /// One round over the partitions; returns how many records and bytes of batches there were.
    private func readOnce(_ body: (StreamRecord) -> Void) -> (records: Int, bytes: Int) {
        var records = 0
        var bytes = 0
        for step in 0..<logs.count where bytes < Self.readBytesMax {
            let index = (turn + step) % logs.count
            do throws(LogError) {
                let slice = try logs[index].read(
                    from: positions[index], maxBytes: min(Self.partitionBytes, Self.readBytesMax - bytes),
                    limit: .lastStable, minimumOneBatch: records == 0)
                guard !slice.isEmpty else { continue }
                bytes += slice.count
                let aborted = try logs[index].abortedTransactions(from: positions[index], to: slice.offsetLimit)
                positions[index] = try buffer.read(slice, from: positions[index], aborted: aborted) { record in
                    records += 1
                    body(Self.record(record, index))
                    return true
                }
            } catch {
                fail(index, error)
                break
            }
        }
        if !logs.isEmpty { turn = (turn + 1) % logs.count }
        return (records, bytes)
    }

    /// Remembers a failure, and where reading goes on after it was reported.
    private func fail(_ index: Int, _ error: LogError) {
        pendingError = StreamError(error.streamError.code, "\(assignments[index]): \(error)")
        switch error {
        case .offsetOutOfRange(let requested, let start, let end):
            positions[index] = requested < start ? start : end
        case .corrupt(_, _, let next):
            positions[index] = max(next, positions[index])
        default: break
        }
    }

    private static func record(_ record: Record, _ index: Int) -> StreamRecord {
        StreamRecord(
            assignment: index, offset: record.offset, timestampMilliseconds: record.timestampMilliseconds,
            key: record.key, value: record.value,
            headers: record.headers.count == 0
                ? [] : record.headers.copied.map { StreamHeader(key: $0.name, value: $0.value) })
    }

    func position(_ index: Int) -> Int64 { positions[index] }

    func seek(_ index: Int, to start: StartPosition) throws(StreamError) {
        guard !isClosed else { throw StreamError(.closed, "the reader is closed") }
        positions[index] = try Self.position(start, logs[index])
    }

    func close() {
        isClosed = true
        stopObserving()
    }

    private func stopObserving() {
        for (log, observer) in zip(logs, observers) { log.removeObserver(observer) }
        observers = []
    }
}
