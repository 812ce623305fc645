import RecordBatch

/// What one partition was given of transactions: an ordered list from which everything else follows.
struct TransactionModel {
    struct Batch {
        var producer: TestProducer
        var entries: [PartitionModel.Entry]
        var offset: Int64
        /// How the transaction of this producer ended here; nil for data.
        var outcome: ControlRecord.Outcome?

        var lastOffset: Int64 { offset + Int64(max(entries.count, 1)) - 1 }
    }

    private var batches: [Batch] = []

    /// The epoch and sequence number with which a producer goes on.
    func next(_ id: Int64) -> TestProducer {
        var next = TestProducer(id: id, sequence: 0, isTransactional: true)
        for batch in batches where batch.producer.id == id {
            if batch.producer.epoch != next.epoch { next.sequence = 0 }
            next.epoch = batch.producer.epoch
            if batch.outcome == nil { next.sequence = batch.producer.sequence + Int32(batch.entries.count) }
        }
        return next
    }

    /// The last batch of data of a producer's present epoch, if it is at `offset` or behind.
    func last(_ id: Int64, from offset: Int64) -> Batch? {
        let epoch = next(id).epoch
        return batches.last {
            $0.producer.id == id && $0.outcome == nil && $0.producer.epoch == epoch && $0.offset >= offset
        }
    }

    mutating func append(_ producer: TestProducer, _ entries: [PartitionModel.Entry], at offset: Int64) {
        batches.append(Batch(producer: producer, entries: entries, offset: offset))
    }

    mutating func end(_ id: Int64, _ epoch: Int16, _ outcome: ControlRecord.Outcome, at offset: Int64) {
        let producer = TestProducer(id: id, epoch: epoch, sequence: -1, isTransactional: true)
        batches.append(Batch(producer: producer, entries: [], offset: offset, outcome: outcome))
    }

    /// Forgets what is not in a log that ends at `offset`.
    mutating func cut(to offset: Int64) { batches.removeAll { $0.offset >= offset } }

    func isMarker(_ offset: Int64) -> Bool { batches.contains { $0.offset == offset && $0.outcome != nil } }

    /// The first offset of a transaction whose end is not visible, or the high watermark.
    func lastStableOffset(highWatermark: Int64) -> Int64 {
        var open: [Int64: Int64] = [:]
        for batch in batches where batch.offset < highWatermark {
            if batch.outcome != nil {
                open[batch.producer.id] = nil
            } else if open[batch.producer.id] == nil {
                open[batch.producer.id] = batch.offset
            }
        }
        return min(highWatermark, open.values.min() ?? .max)
    }

    /// Whether the record at `offset` belongs to a transaction that was aborted.
    func wasAborted(_ offset: Int64) -> Bool { end(of: offset).map { $0.outcome == .abort } ?? false }

    /// Whether the record at `offset` belongs to a transaction that has no end.
    func isOpen(_ offset: Int64) -> Bool {
        batch(at: offset) != nil && end(of: offset) == nil
    }

    private func batch(at offset: Int64) -> Batch? {
        batches.first { $0.offset <= offset && offset <= $0.lastOffset && $0.outcome == nil }
    }

    private func end(of offset: Int64) -> Batch? {
        guard let batch = batch(at: offset) else { return nil }
        return batches.first { $0.producer.id == batch.producer.id && $0.offset > offset && $0.outcome != nil }
    }
}
