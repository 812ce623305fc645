import RecordBatch

/// Tells, batch after batch in order, what became of the transactions in a part of the log where all are decided.
struct DecidedTransactions {
    /// Aborted transactions that begin behind the batches seen so far, the next one last.
    private var upcoming: [AbortedTransaction]
    /// Producers inside an aborted transaction, and whether a batch of it was seen.
    private var aborted: [Int64: Bool] = [:]
    /// Producers of other transactions that have batches here.
    private var committed: Set<Int64> = []

    /// - Parameter aborted: all aborted transactions that reach into the part.
    init(_ aborted: [AbortedTransaction]) {
        upcoming = aborted.sorted { $0.firstOffset > $1.firstOffset }
    }

    /// Whether a batch of records belongs to an aborted transaction, so that nobody ever sees it.
    mutating func isAborted(_ header: RecordBatchHeader) -> Bool {
        advance(to: header.lastOffset)
        guard header.isTransactional else { return false }
        if aborted[header.producerID] != nil {
            aborted[header.producerID] = true
            return true
        }
        committed.insert(header.producerID)
        return false
    }

    /// Whether a marker has nothing left to tell: no batch of its transaction is there any more.
    mutating func isNeedless(_ header: RecordBatchHeader) -> Bool {
        advance(to: header.lastOffset)
        // What an earlier compaction left of an aborted transaction, an empty batch, is in no list any more.
        let hasAborted = aborted.removeValue(forKey: header.producerID) == true
        let hasOther = committed.remove(header.producerID) != nil
        return !hasAborted && !hasOther
    }

    private mutating func advance(to offset: Int64) {
        while let next = upcoming.last, next.firstOffset <= offset {
            aborted[next.producerID] = false
            upcoming.removeLast()
        }
    }
}
