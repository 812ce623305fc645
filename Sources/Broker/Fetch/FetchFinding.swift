import CommitLog
import KafkaWire
import RecordBatch

/// What there is to read of one partition at one moment.
struct FetchFinding {
    var errorCode: ErrorCode = .none
    /// As they were when the look began; the client may get records beyond them.
    var highWatermark: Int64 = -1
    var lastStableOffset: Int64 = -1
    var startOffset: Int64 = -1
    /// The records; nil when there are none, or no room for them.
    var slice: LogSlice?
    /// The transactions whose records a reader of committed data must skip; nil for other readers.
    var aborted: [FetchResponse.AbortedTransaction]?
    /// Whether there are records that found no room.
    var isWaitingForRoom = false

    /// Bytes of the records.
    var byteCount: Int { slice?.count ?? 0 }

    /// How much may be read.
    struct Room {
        /// Bytes left in the answer.
        var byteCount: Int
        /// Whether one whole batch is given even when it does not fit (KIP-74): nothing was found before.
        var isFirst: Bool
    }

    /// Nothing but an error.
    init(_ errorCode: ErrorCode) { self.errorCode = errorCode }

    /// Looks at a partition. Costs next to nothing when there are no records.
    init(_ slot: FetchSession.Slot, _ log: PartitionLog, _ isolationLevel: Int8, _ room: Room) {
        if let refusal = BrokerCore.refusal(ofLeaderEpoch: slot.currentLeaderEpoch) {
            errorCode = refusal
            return
        }
        highWatermark = log.highWatermark
        lastStableOffset = log.lastStableOffset
        startOffset = log.startOffset
        let readsCommitted = isolationLevel == 1
        if readsCommitted { aborted = [] }
        let limit = readsCommitted ? lastStableOffset : highWatermark
        let isInside = slot.fetchOffset >= startOffset && slot.fetchOffset <= log.endOffset
        if isInside && slot.fetchOffset >= limit { return }
        if isInside && room.byteCount <= 0 && !room.isFirst {
            isWaitingForRoom = true
            return
        }
        do throws(LogError) {
            let found = try log.read(
                from: slot.fetchOffset, maxBytes: min(room.byteCount, Int(max(0, slot.bytesMax))),
                limit: readsCommitted ? .lastStable : .highWatermark, minimumOneBatch: room.isFirst)
            guard !found.isEmpty else {
                isWaitingForRoom = true
                return
            }
            if readsCommitted {
                aborted = try log.abortedTransactions(from: slot.fetchOffset, to: found.offsetLimit).map {
                    FetchResponse.AbortedTransaction(producerID: $0.producerID, firstOffset: $0.firstOffset)
                }
            }
            slice = found
        } catch {
            errorCode = error.errorCode
        }
    }

    /// What the session needs to know.
    var outcome: FetchSession.Outcome {
        FetchSession.Outcome(
            errorCode: errorCode, byteCount: byteCount, isWaitingForRoom: isWaitingForRoom,
            highWatermark: highWatermark, startOffset: startOffset)
    }

    /// The partition's part of the answer.
    func response(_ index: Int32, _ core: BrokerCore) -> FetchResponse.Partition {
        var partition = FetchResponse.Partition(
            index: index, errorCode: errorCode, highWatermark: highWatermark, lastStableOffset: lastStableOffset,
            logStartOffset: startOffset, abortedTransactions: aborted,
            records: .external(byteCount: byteCount))
        if errorCode == .fencedLeaderEpoch {
            partition.currentLeader = FetchResponse.Leader(id: core.options.nodeID, epoch: BrokerCore.leaderEpoch)
        }
        return partition
    }
}
