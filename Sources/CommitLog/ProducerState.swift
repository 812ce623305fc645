import RecordBatch

/// What a partition remembers of its idempotent producers, to tell repeated batches from new ones (KIP-98).
struct ProducerState: Sendable {
    /// A batch that was appended.
    struct Batch: Sendable, Equatable {
        var firstSequence: Int32
        var lastSequence: Int32
        var firstOffset: Int64
        var lastOffset: Int64
    }

    /// What is remembered of one producer.
    struct Producer: Sendable, Equatable {
        var epoch: Int16
        /// The newest batches, oldest first, at most `batchesMax`.
        var batches: [Batch]
        /// The timestamp of the last batch, ms since the epoch.
        var lastTimestamp: Int64
        /// The last offset that it wrote.
        var lastOffset: Int64
    }

    /// What to do with a batch.
    enum Verdict: Equatable {
        case append
        case duplicate(firstOffset: Int64, lastOffset: Int64)
    }

    /// Batches remembered per producer: as many as a client may have in flight.
    static let batchesMax = 5
    /// Producers remembered per partition; the longest silent tenth is forgotten when there are more.
    static let producersMax = 100_000
    /// A producer is forgotten when the log's time has moved on by this much since its last batch.
    static let expiryMilliseconds: Int64 = 86_400_000

    private(set) var producers: [Int64: Producer] = [:]

    /// Judges a batch before it is appended.
    func check(_ header: RecordBatchHeader) throws(LogError) -> Verdict {
        guard header.producerID >= 0, let producer = producers[header.producerID] else { return .append }
        guard header.producerEpoch >= producer.epoch else {
            throw .invalidProducerEpoch(
                producerID: header.producerID, current: producer.epoch, found: header.producerEpoch)
        }
        guard !header.isControl, header.baseSequence >= 0 else { return .append }
        guard header.producerEpoch == producer.epoch, let last = producer.batches.last else {
            guard header.producerEpoch == producer.epoch || header.baseSequence == 0 else {
                throw .outOfOrderSequence(producerID: header.producerID, expected: 0, found: header.baseSequence)
            }
            return .append
        }
        let lastSequence = Self.sequence(header.baseSequence, plus: header.lastOffsetDelta)
        let same = producer.batches.first {
            $0.firstSequence == header.baseSequence && $0.lastSequence == lastSequence
        }
        if let same { return .duplicate(firstOffset: same.firstOffset, lastOffset: same.lastOffset) }
        let expected = Self.sequence(last.lastSequence, plus: 1)
        if header.baseSequence == expected { return .append }
        let behind = (Int64(expected) - Int64(header.baseSequence)) & Int64(Int32.max)
        if behind <= Int64(Int32.max) / 2 {
            throw .duplicateSequence(producerID: header.producerID, found: header.baseSequence)
        }
        throw .outOfOrderSequence(producerID: header.producerID, expected: expected, found: header.baseSequence)
    }

    /// Remembers a batch that was appended.
    mutating func note(_ header: RecordBatchHeader) {
        guard header.producerID >= 0 else { return }
        var producer =
            producers.removeValue(forKey: header.producerID)
            ?? Producer(epoch: header.producerEpoch, batches: [], lastTimestamp: -1, lastOffset: -1)
        if header.producerEpoch != producer.epoch {
            producer.epoch = header.producerEpoch
            producer.batches.removeAll()
        }
        producer.lastTimestamp = max(producer.lastTimestamp, header.maxTimestamp)
        producer.lastOffset = header.lastOffset
        if !header.isControl && header.baseSequence >= 0 {
            if producer.batches.count == Self.batchesMax { producer.batches.removeFirst() }
            producer.batches.append(
                Batch(
                    firstSequence: header.baseSequence,
                    lastSequence: Self.sequence(header.baseSequence, plus: header.lastOffsetDelta),
                    firstOffset: header.baseOffset, lastOffset: header.lastOffset))
        }
        producers[header.producerID] = producer
        if producers.count > Self.producersMax { forgetOldest() }
    }

    /// Forgets producers that were silent for a day of `now`.
    mutating func expire(now: Int64) {
        producers = producers.filter { now - $0.value.lastTimestamp < Self.expiryMilliseconds }
    }

    private mutating func forgetOldest() {
        let offsets = producers.values.map(\.lastOffset).sorted()
        let limit = offsets[offsets.count / 10]
        producers = producers.filter { $0.value.lastOffset > limit }
    }

    /// A sequence number `count` behind another: they wrap from 2^31 - 1 to 0.
    static func sequence(_ first: Int32, plus count: Int32) -> Int32 {
        Int32((Int64(first) + Int64(count)) & Int64(Int32.max))
    }

    /// Puts a producer back that a snapshot held.
    mutating func restore(_ producerID: Int64, _ producer: Producer) {
        producers[producerID] = producer
    }
}
