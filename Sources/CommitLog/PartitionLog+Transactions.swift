import Observability
import RecordBatch
import System

/// What a partition knows of one idempotent or transactional producer, for those who look after them.
public struct ProducerStatus: Sendable, Equatable {
    /// The producer's id.
    public let producerID: Int64
    /// Its epoch here.
    public let epoch: Int16
    /// The last sequence number of this epoch; -1 for none.
    public let lastSequence: Int32
    /// When its last batch or marker arrived, ms since the Unix epoch.
    public let lastSeenMilliseconds: Int64
    /// The epoch of the coordinator that wrote the last marker; -1 for none.
    public let coordinatorEpoch: Int32
    /// The first offset of its open transaction; nil when none is open here.
    public let transactionStart: Int64?
}

extension PartitionLog {
    /// Ends a producer's transaction in this partition with a marker, a control batch that takes one offset.
    ///
    /// A marker is also written where no transaction is open: it brings the producer's epoch, which keeps replaced
    /// producers out.
    /// - Throws: `invalidProducerEpoch` when a newer epoch of the producer wrote here, `coordinatorFenced` when a newer
    ///   coordinator did, or whatever keeps a batch from being appended.
    @discardableResult
    public func appendMarker(
        _ marker: ControlRecord, producerID: Int64, producerEpoch: Int16, durability: Durability
    ) throws(LogError) -> AppendResult {
        var batch = Self.batch(marker, producerID, producerEpoch, environment.clock.wallMilliseconds)
        return try batch.withUnsafeMutableBufferPointer { (raw) throws(LogError) -> AppendResult in
            let bytes = UnsafeMutableRawBufferPointer(raw)
            guard let header = try? RecordBatchHeader(parsing: UnsafeRawBufferPointer(bytes)) else {
                preconditionFailure("a batch begins with its header")
            }
            return try append(bytes, header: header, durability: durability)
        }
    }

    private static func batch(
        _ marker: ControlRecord, _ producerID: Int64, _ producerEpoch: Int16, _ milliseconds: Int64
    ) -> [UInt8] {
        var builder = RecordBatchBuilder(capacity: 128)
        var options = RecordBatchOptions()
        options.producerID = producerID
        options.producerEpoch = producerEpoch
        options.isTransactional = true
        options.isControl = true
        do throws(RecordBatchError) {
            try marker.key.withUnsafeBufferPointer { (key) throws(RecordBatchError) in
                try marker.value.withUnsafeBufferPointer { (value) throws(RecordBatchError) in
                    try builder.append(
                        key: UnsafeRawBufferPointer(key), value: UnsafeRawBufferPointer(value),
                        timestampMilliseconds: milliseconds)
                }
            }
            try builder.finish(options)
        } catch {
            preconditionFailure("a marker always fits: \(error)")
        }
        return builder.withBatch { Array($0) }
    }

    /// The transactions that a reader of committed data must leave out of the records at `start..<end`, in the order in
    /// which they ended.
    ///
    /// - Parameter end: at most the last stable offset as it was when the records were read.
    public func abortedTransactions(from start: Int64, to end: Int64) throws(LogError) -> [AbortedTransaction] {
        let indexes = always { state in
            state.segments[state.segmentIndex(for: start)...].filter { !$0.aborted.isEmpty }
                .map { (base: $0.base, index: $0.aborted) }
        }
        var found: [AbortedTransaction] = []
        for (base, index) in indexes {
            do throws(SystemError) {
                let path = SegmentFiles.stem(directory, base) + TransactionIndex.ending
                let file = index.count > 0 ? try environment.fileSystem.open(path, .read) : nil
                let wantsMore = try index.forEach(from: start, file) { entry in
                    if entry.firstOffset < end {
                        found.append(
                            AbortedTransaction(producerID: entry.producerID, firstOffset: entry.firstOffset))
                    }
                    // What ended later began behind this.
                    return entry.lastStableOffset < end
                }
                if !wantsMore { break }
            } catch {
                // A segment that was deleted meanwhile has nothing left to be read.
                if let first = nextSegmentBase(after: base - 1), first == base { throw .storage(error) }
            }
        }
        return found
    }

    /// What is known of the partition's producers, by id.
    public var producerStatuses: [ProducerStatus] {
        always { state in
            state.producers.producers.map { id, producer in
                ProducerStatus(
                    producerID: id, epoch: producer.epoch, lastSequence: producer.batches.last?.lastSequence ?? -1,
                    lastSeenMilliseconds: producer.lastSeenMilliseconds, coordinatorEpoch: producer.coordinatorEpoch,
                    transactionStart: state.producers.transactions.start(of: id)?.offset)
            }
        }.sorted { $0.producerID < $1.producerID }
    }

    /// How many transactions are open in the partition.
    public var openTransactionCount: Int { always { $0.producers.transactions.count } }

    // MARK: - Under the lock

    /// The marker in a control batch; nil for control batches of other kinds.
    func marker(_ batch: UnsafeRawBufferPointer, _ header: RecordBatchHeader) throws(LogError) -> ControlRecord? {
        guard let marker = ControlRecord(reading: batch, header) else {
            throw .invalidTransactionState(
                producerID: header.producerID, reason: "sent a control batch that is no transaction's marker")
        }
        return marker
    }

    /// Takes note of a batch that was appended at `place`.
    func note(
        _ header: RecordBatchHeader, _ marker: ControlRecord?, at place: LogPosition, _ state: inout PartitionState
    ) {
        let now = state.active.modifiedMilliseconds
        if header.producerID >= 0 { state.producers.nowNanoseconds = environment.clock.monotonicNanoseconds }
        guard let marker else { return state.producers.note(header, at: place, seen: now) }
        state.lastMarkerOffset = header.lastOffset
        guard let aborted = state.producers.note(marker, header, seen: now) else { return }
        state.active.aborted.add(aborted)
        writeTransactionIndexes(&state)
    }

    /// Writes the entries of transaction indexes that wait; they go on waiting when that fails.
    func writeTransactionIndexes(_ state: inout PartitionState) {
        for index in state.segments.indices where !state.segments[index].aborted.pending.isEmpty {
            let base = state.segments[index].base
            let isNew = state.segments[index].aborted.count == 0
            do {
                try state.segments[index].aborted.write(
                    environment.fileSystem, SegmentFiles.stem(directory, base) + TransactionIndex.ending)
                state.unsyncedIndexes.insert(base)
                state.hasUnsyncedNames = state.hasUnsyncedNames || isNew
            } catch {
                environment.log.warningOncePerMinute(cause: "transaction index", "\(name): \(error)")
            }
        }
    }
}

extension ControlRecord {
    /// The marker in a control batch of the log; nil when it holds something else.
    init?(reading batch: UnsafeRawBufferPointer, _ header: RecordBatchHeader) {
        guard header.isControl, header.codecNumber == 0, batch.count >= header.totalBytes,
            header.totalBytes > RecordBatchHeader.size
        else { return nil }
        let records = UnsafeRawBufferPointer(rebasing: batch[RecordBatchHeader.size..<header.totalBytes])
        var iterator = RecordIterator(header, records: records)
        guard let record = try? iterator.next(), let marker = try? ControlRecord(parsing: record) else { return nil }
        self = marker
    }
}
