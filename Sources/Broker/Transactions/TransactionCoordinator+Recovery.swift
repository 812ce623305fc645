import Bytes
import CommitLog
import Observability
import RecordBatch
import Synchronization

extension TransactionCoordinator {
    /// The table that the log tells.
    static func replay(_ log: InternalLog, _ now: Moment) throws(BrokerError) -> TransactionTable {
        var table = TransactionTable()
        var unreadable = 0
        try log.replay { (offset, key, value) throws(BrokerError) in
            do throws(DecodeError) {
                guard let key, let parsed = try TransactionRecord.parseKey(key) else { return }
                switch parsed {
                case .transaction(let id):
                    guard let value else { return table.remove(id) }
                    let transaction = try TransactionRecord.parseValue(value)
                    if transaction.state == .dead { return table.remove(id) }
                    table.put(id, transaction, recordOffset: offset, now: now)
                case .offset(let id, let key):
                    guard let value else { return table.remove(id, key) }
                    table.put(id, [(key, try OffsetRecord.parseValue(value))], recordOffset: offset)
                }
            } catch {
                unreadable += 1
            }
        }
        if unreadable > 0 {
            Log("transactions").warning(
                "\(TopicName.transactionState): skipped \(unreadable) records that cannot be read")
        }
        return table
    }

    /// Completes what was decided before the process ended, aborts what nobody can end any more, and begins to watch the
    /// time. Must be called before the first request.
    func start() {
        for (id, entry) in table.withLock({ $0.entries }) where entry.transaction.state.isPrepared { complete(id) }
        abortStrays()
        watch()
    }

    /// Aborts open transactions that the coordinator does not know of: their first batch was never acknowledged, because
    /// what begins a transaction is durable before that.
    private func abortStrays() {
        let known = table.withLock { table in
            Dictionary(
                table.entries.values.filter { $0.transaction.state.isActive }.map {
                    ($0.transaction.producer.id, $0.transaction.partitions)
                }, uniquingKeysWith: { $0.union($1) })
        }
        for topic in catalog.topics where !topic.isInternal {
            for partition in topic.partitions where partition.openTransactionCount > 0 {
                let name = PartitionName(topic: topic.name, partition: partition.partition)
                for producer in partition.producerStatuses where producer.transactionStart != nil {
                    if known[producer.producerID]?.contains(name) != true { abort(producer, in: partition) }
                }
            }
        }
    }

    private func abort(_ producer: ProducerStatus, in partition: PartitionLog) {
        let what = "a transaction of producer \(producer.producerID) in \(partition.topic)-\(partition.partition)"
        // Its marker may be among what is damaged, and it may have been a commit.
        guard partition.damage.isEmpty else {
            return text.warning("\(what) is open for ever beside damaged records: an administrator must abort it")
        }
        do throws(LogError) {
            try partition.appendMarker(
                ControlRecord(
                    outcome: .abort, coordinatorEpoch: max(BrokerCore.leaderEpoch, producer.coordinatorEpoch)),
                producerID: producer.producerID, producerEpoch: producer.epoch, durability: .durable)
            text.info("aborted \(what), whose beginning was not acknowledged before the last end of the broker")
        } catch {
            text.warning("cannot abort \(what): \(error)")
        }
    }

    /// Writes everything that counts to the end of the log and drops what is before. Runs on the worker.
    func rewrite() {
        guard log.isRewriteWorthwhile else { return }
        do throws(BrokerError) {
            let written = table.withLock { table -> Result<(start: Int64, last: Int64), BrokerError> in
                let start = log.endOffset
                do throws(BrokerError) {
                    var last = start - 1
                    for (id, entry) in table.entries {
                        let isActive = entry.written.state.isActive
                        let offsets = isActive ? entry.offsets.map { Self.pair(id, $0.key, $0.value) } : []
                        last = try log.append([Self.pair(id, entry.written)] + offsets)
                        _ = table.update(id) { $0.recordOffset = last }
                    }
                    return .success((start, last))
                } catch {
                    return .failure(error)
                }
            }
            let (start, last) = try written.get()
            if last >= start { try log.waitUntilDurable(last) }
            try log.dropRecords(before: start)
        } catch {
            text.warningOncePerMinute(cause: "rewrite", "could not shorten the log: \(error)")
        }
    }
}
