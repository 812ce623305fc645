import Observability
import Synchronization

extension TransactionCoordinator {
    /// How long to wait before an end that failed is tried again, ms.
    private static let retryMilliseconds: Int64 = 1000

    /// Brings a decided end to the partitions as soon as the decision is durable; then tells `done`.
    func completeWhenDurable(_ id: String, _ found: Found, _ done: @escaping Waiter) {
        _ = table.withLock { table in table.update(id) { $0.waiters.append(done) } }
        log.whenDurable(found.recordOffset) { [self] failure in
            if let failure { return answerWaiters(id, .failure(.failed(failure.kind))) }
            submitCompletion(id)
        }
    }

    /// Has the worker complete a transaction, now or when it has room again.
    private func submitCompletion(_ id: String) {
        if !worker.submit({ self.complete(id) }) { retryLater(id) }
    }

    /// Writes the markers of a transaction whose end is decided.
    func complete(_ id: String) {
        let work = table.withLock { table in
            table.update(id) { entry -> (Transaction, [OffsetKey: CommittedOffset])? in
                guard entry.transaction.state.isPrepared, !entry.isCompleting else { return nil }
                entry.isCompleting = true
                entry.deadline = nil
                return (entry.transaction, entry.hasCommittedOffsets ? [:] : entry.offsets)
            }
        }
        guard let work, let (transaction, offsets) = work else { return }
        MarkerRound.run(transaction, offsets, catalog, self.offsets) { [self] rest in
            if !worker.submit({ self.finish(id, rest) }) { retryLater(id) }
        }
    }

    /// Notes that a transaction is over, or that some of its end has to be tried again.
    private func finish(_ id: String, _ rest: MarkerRound.Rest) {
        guard rest.isEmpty else {
            _ = table.withLock { table in
                table.update(id) { entry in
                    entry.transaction.partitions = rest.partitions
                    entry.hasCommittedOffsets = entry.hasCommittedOffsets || !rest.hasOffsets
                }
            }
            return retryLater(id)
        }
        let now = Moment(clock)
        let written = table.withLock { table -> Found? in
            guard let entry = table[id], entry.transaction.state.isPrepared else { return nil }
            let completed = entry.transaction.completed(now: now.wallMilliseconds)
            guard let last = try? log.append([Self.pair(id, completed)]) else { return nil }
            _ = table.update(id) { $0.written = completed }
            return Found(transaction: completed, recordOffset: last)
        }
        guard let written else { return retryLater(id) }
        // Until this is durable the markers might be written again, so that nothing new may begin.
        log.whenDurable(written.recordOffset) { [self] failure in
            if let failure { return answerWaiters(id, .failure(.failed(failure.kind))) }
            table.withLock { table in
                _ = table.update(id) { $0.isCompleting = false }
                table.put(id, written.transaction, recordOffset: written.recordOffset, now: now)
            }
            answerWaiters(id, .success(written.transaction.producer))
            if log.isRewriteWorthwhile { _ = worker.submit { self.rewrite() } }
        }
    }

    /// The decision stands whatever the disk does now, so that the producer need not wait for the markers.
    private func retryLater(_ id: String) {
        let again = Moment(clock).monotonicMilliseconds + Self.retryMilliseconds
        let next = table.withLock { table in
            table.update(id) { entry -> ProducerIdentity in
                entry.isCompleting = false
                entry.deadline = again
                return entry.transaction.nextProducer
            }
        }
        guard let next else { return }
        answerWaiters(id, .success(next))
        ring(by: again)
    }

    private func answerWaiters(_ id: String, _ result: Result<ProducerIdentity, TransactionRefusal>) {
        let waiters = table.withLock { table in
            table.update(id) { entry -> [Waiter] in
                defer { entry.waiters = [] }
                return entry.waiters
            }
        }
        for waiter in waiters ?? [] { waiter(result) }
    }

    // MARK: - Time

    /// Aborts transactions whose time is over, tries again what failed, forgets ids that nobody uses; returns when to
    /// look again, monotonic ms.
    func sweep() -> Int64? {
        let now = Moment(clock)
        let due = table.withLock { table in
            table.entries.filter { $0.value.deadline.map { $0 <= now.monotonicMilliseconds } ?? false }
                .map { (id: $0.key, isOngoing: $0.value.transaction.state == .ongoing) }
        }
        for (id, isOngoing) in due {
            if isOngoing { abort(id, openSince: now) } else { submitCompletion(id) }
        }
        expire(now)
        // Expiry is looked for now and then, deadlines exactly.
        let hourly = now.monotonicMilliseconds + 3_600_000
        return min(table.withLock { $0.nextDeadline } ?? hourly, hourly)
    }

    private func abort(_ id: String, openSince now: Moment) {
        let isStillDue = table.withLock { table in
            table[id].map { entry in
                entry.transaction.state == .ongoing && (entry.deadline ?? .max) <= now.monotonicMilliseconds
            }
        }
        guard isStillDue == true else { return }
        let applied = apply(id) { transaction, _, now in transaction.fenced(now: now.wallMilliseconds) }
        switch applied {
        case .success(let found) where found.transaction.state.isPrepared:
            text.info(
                "aborting the transaction of \(id), open for more than \(found.transaction.timeoutMilliseconds) ms")
            completeWhenDurable(id, found) { _ in }
        case .success: break
        case .failure:
            // The disk refuses: look again soon.
            _ = table.withLock { table in
                table.update(id) { $0.deadline = now.monotonicMilliseconds + Self.retryMilliseconds }
            }
        }
    }

    /// Forgets transactional ids that were not used for long, by the wall clock and for an hour of this process: a jump
    /// of the clock alone forgets nothing.
    private func expire(_ now: Moment) {
        let old = table.withLock { table in
            table.entries.filter { _, entry in
                !entry.transaction.state.isActive
                    && now.wallMilliseconds - entry.transaction.updateMilliseconds >= options.expirationMilliseconds
                    && now.monotonicMilliseconds - entry.usedMilliseconds >= 3_600_000
            }.map(\.key)
        }
        table.withLock { forget(old, &$0) }
    }

    /// Makes room for one more id; false when all are in use.
    func makeRoom(_ table: inout TransactionTable) -> Bool {
        forget(table.superfluous(idsMax: options.idsMax), &table)
        return table.entries.count < options.idsMax
    }

    private func forget(_ ids: [String], _ table: inout TransactionTable) {
        for id in ids {
            guard table[id]?.transaction.state.isActive == false,
                (try? log.append([(TransactionRecord.encode(.transaction(id)), nil)])) != nil
            else { continue }
            table.remove(id)
        }
    }
}
