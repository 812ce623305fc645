import RecordBatch

/// What a partition remembers of its idempotent and transactional producers (KIP-98): enough to tell repeated batches
/// from new ones, to refuse producers that were replaced, and to know which transactions are open.
///
/// The rules are those of Kafka's `ProducerAppendInfo`.
struct ProducerState: Sendable {
    /// A batch that was appended.
    struct Batch: Sendable, Equatable {
        var firstSequence: Int32
        var lastSequence: Int32
        var firstOffset: Int64
        var lastOffset: Int64
        /// The largest timestamp of its records, ms since the epoch.
        var timestamp: Int64
    }

    /// What is remembered of one producer.
    struct Producer: Sendable, Equatable {
        var epoch: Int16
        /// The newest batches of this epoch, oldest first, at most `batchesMax`.
        var batches: [Batch] = []
        /// The epoch of the coordinator that wrote the last marker; -1 for none.
        var coordinatorEpoch: Int32 = -1
        /// When the last batch or marker arrived, ms since the epoch: the producer's own timestamps may be of any age.
        var lastSeenMilliseconds: Int64 = -1
        /// The last offset that it wrote.
        var lastOffset: Int64 = -1
        /// When the last batch or marker was noted in this process, on the monotonic clock: what its silence is reckoned
        /// from, whatever happens to the wall clock. Not kept over restarts.
        var notedNanoseconds: UInt64 = 0
    }

    /// What to do with a batch.
    enum Verdict: Equatable {
        case append
        case duplicate(Batch)
    }

    /// Batches remembered per producer: as many as a client may have in flight.
    static let batchesMax = 5
    /// Producers remembered per partition; the longest silent tenth is forgotten when there are more.
    static let producersMax = 100_000

    private(set) var producers: [Int64: Producer] = [:]
    /// The present on the monotonic clock, as those who note something know it.
    var nowNanoseconds: UInt64 = 0
    /// Transactions that are open, or whose end is not visible yet.
    private(set) var transactions = OpenTransactions()

    // MARK: - Before an append

    /// Judges a batch of data before it is appended.
    func check(_ header: RecordBatchHeader) throws(LogError) -> Verdict {
        guard header.producerID >= 0 else { return .append }
        let isOpen = transactions.start(of: header.producerID) != nil
        guard let producer = producers[header.producerID] else {
            // Nothing is known, maybe because all of it was deleted: any sequence number is taken.
            try checkRoom(header, isOpen)
            return .append
        }
        try checkEpoch(header.producerID, header.producerEpoch, producer)
        if header.baseSequence >= 0 {
            if let same = Self.duplicate(of: header, in: producer) { return .duplicate(same) }
            let expected = Self.expectedSequence(header, producer)
            guard header.baseSequence == expected else {
                throw .outOfOrderSequence(
                    producerID: header.producerID, expected: expected, found: header.baseSequence)
            }
        }
        guard header.isTransactional || !isOpen else {
            throw .invalidTransactionState(
                producerID: header.producerID, reason: "sent a batch outside its open transaction")
        }
        try checkRoom(header, isOpen)
        return .append
    }

    /// Judges a transaction's marker before it is appended.
    func check(
        _ marker: ControlRecord, producerID: Int64, producerEpoch: Int16
    ) throws(LogError) {
        guard let producer = producers[producerID] else { return }
        try checkEpoch(producerID, producerEpoch, producer)
        guard marker.coordinatorEpoch >= producer.coordinatorEpoch else {
            throw .coordinatorFenced(
                producerID: producerID, current: producer.coordinatorEpoch, found: marker.coordinatorEpoch)
        }
    }

    /// Whether a batch would begin a transaction.
    func begins(_ header: RecordBatchHeader) -> Bool {
        header.isTransactional && header.producerID >= 0 && transactions.start(of: header.producerID) == nil
    }

    private func checkEpoch(_ producerID: Int64, _ epoch: Int16, _ producer: Producer) throws(LogError) {
        guard epoch >= producer.epoch else {
            throw .invalidProducerEpoch(producerID: producerID, current: producer.epoch, found: epoch)
        }
    }

    private func checkRoom(_ header: RecordBatchHeader, _ isOpen: Bool) throws(LogError) {
        guard header.isTransactional, !isOpen, transactions.count >= OpenTransactions.countMax else { return }
        throw .limit("open transactions in one partition (\(OpenTransactions.countMax))")
    }

    private static func duplicate(of header: RecordBatchHeader, in producer: Producer) -> Batch? {
        guard header.producerEpoch == producer.epoch else { return nil }
        let last = sequence(header.baseSequence, plus: header.lastOffsetDelta)
        return producer.batches.first { $0.firstSequence == header.baseSequence && $0.lastSequence == last }
    }

    /// The number that must come next; a new epoch begins at 0, also when a marker brought it.
    private static func expectedSequence(_ header: RecordBatchHeader, _ producer: Producer) -> Int32 {
        guard header.producerEpoch == producer.epoch, let last = producer.batches.last else { return 0 }
        return sequence(last.lastSequence, plus: 1)
    }

    // MARK: - After an append

    /// Remembers a batch of data that was appended at `place`.
    mutating func note(_ header: RecordBatchHeader, at place: LogPosition, seen milliseconds: Int64) {
        guard header.producerID >= 0 else { return }
        if begins(header) { transactions.begin(header.producerID, at: place) }
        update(header.producerID, header.producerEpoch, header.lastOffset, milliseconds) { producer in
            guard header.baseSequence >= 0 else { return }
            if producer.batches.count == Self.batchesMax { producer.batches.removeFirst() }
            producer.batches.append(
                Batch(
                    firstSequence: header.baseSequence,
                    lastSequence: Self.sequence(header.baseSequence, plus: header.lastOffsetDelta),
                    firstOffset: header.baseOffset, lastOffset: header.lastOffset, timestamp: header.maxTimestamp))
        }
    }

    /// Remembers a marker that was appended; returns what it aborted, for the transaction index.
    mutating func note(
        _ marker: ControlRecord, _ header: RecordBatchHeader, seen milliseconds: Int64
    ) -> TransactionIndex.Entry? {
        guard header.producerID >= 0 else { return nil }
        update(header.producerID, header.producerEpoch, header.lastOffset, milliseconds) { producer in
            producer.coordinatorEpoch = max(producer.coordinatorEpoch, marker.coordinatorEpoch)
        }
        guard let start = transactions.end(header.producerID, markerOffset: header.lastOffset) else { return nil }
        guard marker.outcome == .abort else { return nil }
        return TransactionIndex.Entry(
            producerID: header.producerID, firstOffset: start.offset, lastOffset: header.lastOffset,
            lastStableOffset: transactions.firstOpen?.offset ?? header.lastOffset + 1)
    }

    private mutating func update(
        _ producerID: Int64, _ epoch: Int16, _ lastOffset: Int64, _ milliseconds: Int64,
        _ change: (inout Producer) -> Void
    ) {
        var producer = producers.removeValue(forKey: producerID) ?? Producer(epoch: epoch)
        if epoch != producer.epoch {
            producer.epoch = epoch
            producer.batches.removeAll()
        }
        producer.lastSeenMilliseconds = max(producer.lastSeenMilliseconds, milliseconds)
        producer.lastOffset = lastOffset
        producer.notedNanoseconds = nowNanoseconds
        change(&producer)
        producers[producerID] = producer
        if producers.count > Self.producersMax { forgetOldest() }
    }

    /// Everything below `offset` is visible now: transactions that ended there hold nothing back any more.
    mutating func settle(below offset: Int64) { transactions.settle(below: offset) }

    // MARK: - Forgetting

    /// Forgets producers that were silent for so long, except those with an open transaction.
    mutating func expire(afterMilliseconds silence: Int64) {
        let silenceNanoseconds = UInt64(silence).multipliedReportingOverflow(by: 1_000_000)
        guard !silenceNanoseconds.overflow else { return }
        producers = producers.filter { id, producer in
            nowNanoseconds - min(producer.notedNanoseconds, nowNanoseconds) < silenceNanoseconds.partialValue
                || transactions.start(of: id) != nil
        }
    }

    private mutating func forgetOldest() {
        let offsets = producers.values.map(\.lastOffset).sorted()
        let limit = offsets[offsets.count / 10]
        producers = producers.filter { $0.value.lastOffset > limit || transactions.start(of: $0.key) != nil }
    }

    /// A sequence number `count` behind another: they wrap from 2^31 - 1 to 0.
    static func sequence(_ first: Int32, plus count: Int32) -> Int32 {
        Int32((Int64(first) + Int64(count)) & Int64(Int32.max))
    }

    /// Puts a producer back that a snapshot held, with the place where its open transaction begins.
    mutating func restore(_ producerID: Int64, _ producer: Producer, openSince place: LogPosition?) {
        producers[producerID] = producer
        producers[producerID]?.notedNanoseconds = nowNanoseconds
        if let place { transactions.begin(producerID, at: place) }
    }
}
