/// The transactional ids of a broker: what the coordinator guards with its lock.
struct TransactionTable: Sendable {
    /// Told when a transaction that was to end has ended, or when its end is at least decided for good.
    typealias Waiter = @Sendable (Result<ProducerIdentity, TransactionRefusal>) -> Void

    /// One transactional id.
    struct Entry: Sendable {
        var transaction: Transaction
        /// The newest in the log, which counts once it is durable.
        var written: Transaction
        /// Where its newest record stands in the log.
        var recordOffset: Int64
        /// Offsets that count once the transaction is committed.
        var offsets: [OffsetKey: CommittedOffset] = [:]
        /// When the open transaction is given up, or an end that failed is tried again; monotonic ms.
        var deadline: Int64?
        /// When it was used last, monotonic ms.
        var usedMilliseconds: Int64
        var isCompleting = false
        /// Whether a commit's offsets are in the hands of the offset store.
        var hasCommittedOffsets = false
        var waiters: [Waiter] = []
    }

    private(set) var entries: [String: Entry] = [:]
    /// How many open transactions are to change each committed offset.
    private var pendingOffsets: [OffsetKey: Int] = [:]
    private(set) var offsetCount = 0

    subscript(id: String) -> Entry? { entries[id] }

    /// Whether an open transaction is to change the committed offset.
    func isPending(_ key: OffsetKey) -> Bool { pendingOffsets[key] != nil }

    /// Changes an entry in place; nothing happens when there is none.
    mutating func update<Value>(_ id: String, _ change: (inout Entry) -> Value) -> Value? {
        guard let index = entries.index(forKey: id) else { return nil }
        return change(&entries.values[index])
    }

    /// Puts a transaction in place of what was known of its id; offsets go when there is none any more.
    mutating func put(_ id: String, _ transaction: Transaction, recordOffset: Int64, now: Moment) {
        var entry =
            entries[id]
            ?? Entry(
                transaction: transaction, written: transaction, recordOffset: recordOffset,
                usedMilliseconds: now.monotonicMilliseconds)
        let wasOngoing = entry.transaction.state == .ongoing && entry.deadline != nil
        entry.transaction = transaction
        entry.written = transaction
        entry.recordOffset = recordOffset
        entry.usedMilliseconds = now.monotonicMilliseconds
        if transaction.state != .ongoing {
            entry.deadline = nil
        } else if !wasOngoing {
            entry.deadline = now.monotonicMilliseconds + Int64(transaction.timeoutMilliseconds)
        }
        let dropped = transaction.state.isActive ? [] : Array(entry.offsets.keys)
        if !transaction.state.isActive {
            entry.offsets = [:]
            entry.hasCommittedOffsets = false
        }
        entries[id] = entry
        forget(dropped)
    }

    /// Adds offsets to an open transaction.
    mutating func put(_ id: String, _ offsets: [(key: OffsetKey, value: CommittedOffset)], recordOffset: Int64) {
        guard var entry = entries[id], entry.transaction.state.isActive else { return }
        for (key, value) in offsets where entry.offsets.updateValue(value, forKey: key) == nil {
            pendingOffsets[key, default: 0] += 1
            offsetCount += 1
        }
        entry.recordOffset = recordOffset
        entries[id] = entry
    }

    /// Offsets of open transactions whose end is not decided.
    func undecidedOffsets(where matches: (OffsetKey) -> Bool) -> [(id: String, key: OffsetKey)] {
        entries.flatMap { id, entry in
            entry.transaction.state == .ongoing ? entry.offsets.keys.filter(matches).map { (id, $0) } : []
        }
    }

    /// Forgets an offset of an open transaction.
    mutating func remove(_ id: String, _ key: OffsetKey) {
        guard let index = entries.index(forKey: id), entries.values[index].offsets.removeValue(forKey: key) != nil
        else {
            return
        }
        forget([key])
    }

    /// Forgets partitions and offsets of a topic that is gone.
    mutating func remove(topic: String) {
        for (id, entry) in entries {
            let partitions = entry.transaction.partitions.filter { $0.topic != topic }
            let offsets = entry.offsets.keys.filter { $0.topic == topic }
            guard partitions.count != entry.transaction.partitions.count || !offsets.isEmpty else { continue }
            entries[id]?.transaction.partitions = partitions
            for key in offsets { entries[id]?.offsets[key] = nil }
            forget(offsets)
        }
    }

    /// Forgets an id.
    mutating func remove(_ id: String) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        forget(Array(entry.offsets.keys))
    }

    private mutating func forget(_ keys: [OffsetKey]) {
        for key in keys {
            offsetCount -= 1
            let count = pendingOffsets[key, default: 1] - 1
            pendingOffsets[key] = count > 0 ? count : nil
        }
    }

    /// Ids without a transaction that have not been used for longest, a tenth of the table; none while there are fewer
    /// than `idsMax`.
    func superfluous(idsMax: Int) -> [String] {
        guard entries.count >= idsMax else { return [] }
        let idle = entries.filter { !$0.value.transaction.state.isActive }
        return idle.sorted { $0.value.usedMilliseconds < $1.value.usedMilliseconds }
            .prefix(max(1, idsMax / 10)).map(\.key)
    }

    /// The next deadline, monotonic ms; nil for none.
    var nextDeadline: Int64? { entries.values.compactMap(\.deadline).min() }
}
