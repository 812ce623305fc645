import Observability
import Synchronization
import System

/// Looks after the transactions of producers (KIP-98, KIP-890), kept in `__transaction_state`.
///
/// Thread-safe; nothing blocks but `start` and `stop`. Every change is a record in the log before it is seen, and durable
/// before anybody is told. A decided end is brought to the partitions when its record is durable, and a transaction is
/// over when the record that says so is durable: a marker that is written again after a crash must never meet data of the
/// next transaction. Transactions that were decided before a crash are completed by `start`.
final class TransactionCoordinator: Sendable {
    typealias Waiter = TransactionTable.Waiter

    let catalog: TopicCatalog
    let offsets: OffsetStore
    let log: InternalLog
    let options: TransactionOptions
    let clock: any Clock
    let table: Mutex<TransactionTable>
    let worker = Worker("transactions")
    private let producerIDs: ProducerIDs
    let text = Log("transactions")
    private let alarm = Mutex<Alarm?>(nil)

    /// Reads everything that `log` holds. Nothing is done yet about transactions that must be completed.
    init(
        _ log: InternalLog, catalog: TopicCatalog, offsets: OffsetStore, producerIDs: ProducerIDs,
        options: TransactionOptions,
        clock: any Clock
    ) throws(BrokerError) {
        self.log = log
        self.catalog = catalog
        self.offsets = offsets
        self.producerIDs = producerIDs
        self.options = options
        self.clock = clock
        table = Mutex(try Self.replay(log, Moment(clock)))
    }

    /// Rings the alarm at this moment at the latest.
    func ring(by moment: Int64) { alarm.withLock { $0 }?.ring(by: moment) }

    /// Begins to watch the time.
    func watch() {
        let made = Alarm("transaction-time", clock: clock) { [weak self] in self?.sweep() }
        alarm.withLock { $0 = made }
        made.ring()
    }

    /// Ends the threads; what is under way is completed at the next start.
    func stop() {
        let made = alarm.withLock { alarm in
            defer { alarm = nil }
            return alarm
        }
        made?.stop()
        worker.stop()
    }

    // MARK: - Requests

    /// Gives a producer its identity (InitProducerId with a transactional id).
    func initialize(
        _ id: String, timeoutMilliseconds: Int32, expected: ProducerIdentity?, _ done: @escaping Waiter
    ) {
        guard !id.isEmpty else { return done(.failure(.invalid)) }
        guard timeoutMilliseconds > 0, timeoutMilliseconds <= options.timeoutMaxMilliseconds else {
            return done(.failure(.timeoutTooLong))
        }
        // A new producer id may have to wait for the disk.
        onWorker(done) { [self] in
            let applied = apply(id, creating: timeoutMilliseconds) { transaction, newProducerID, now in
                transaction.initialized(
                    timeoutMilliseconds: timeoutMilliseconds, expected: expected, newProducerID: newProducerID,
                    now: now.wallMilliseconds)
            }
            guard case .success(let found) = applied, found.transaction.state.isPrepared else {
                return answer(applied, done)
            }
            // The producer's predecessor had begun a transaction, which is aborted first.
            completeWhenDurable(id, found) { _ in done(.failure(.busy)) }
        }
    }

    /// Adds partitions to a transaction, beginning it with the first.
    func add(
        _ partitions: Set<PartitionName>, to id: String, _ identity: ProducerIdentity,
        _ done: @escaping @Sendable (TransactionRefusal?) -> Void
    ) {
        answer(add(partitions, to: id, identity, version: 0)) { result in
            if case .failure(let refusal) = result { done(refusal) } else { done(nil) }
        }
    }

    /// Whether a batch may begin a transaction in a partition; asked under the partition's lock.
    ///
    /// - Parameter isImplicit: whether the batch itself adds the partition (Produce 12, KIP-890).
    /// - Returns: the offset in this coordinator's log that must be durable before the batch is acknowledged.
    func admit(
        _ partition: PartitionName, to id: String?, _ identity: ProducerIdentity, isImplicit: Bool
    ) -> Result<Int64, TransactionRefusal> {
        guard let id else { return .failure(.wrongState) }
        if isImplicit {
            return add([partition], to: id, identity, version: Transaction.bumpingVersion).map(\.recordOffset)
        }
        return table.withLock { table in
            guard let entry = table[id] else { return .failure(.unknownProducer) }
            let refusal = entry.transaction.refusal(for: partition, identity)
            return refusal.map { .failure($0) } ?? .success(entry.recordOffset)
        }
    }

    /// Ends a transaction (EndTxn). `done` gets the identity for the next one when the end has come to all partitions.
    ///
    /// - Parameter version: 2 when the producer expects a new epoch with each transaction.
    func end(
        _ id: String, _ identity: ProducerIdentity, isCommit: Bool, version: Int16, _ done: @escaping Waiter
    ) {
        guard !id.isEmpty else { return done(.failure(.invalid)) }
        onWorker(done) { [self] in
            let applied = apply(id) { transaction, newProducerID, now in
                transaction.ended(
                    isCommit: isCommit, identity, version: version, newProducerID: newProducerID,
                    now: now.wallMilliseconds)
            }
            guard case .success(let found) = applied, found.transaction.state.isPrepared else {
                return answer(applied, done)
            }
            completeWhenDurable(id, found, done)
        }
    }

    /// Keeps offsets of a group that count once the transaction is committed (TxnOffsetCommit).
    ///
    /// - Parameter isImplicit: whether the request itself adds the group to the transaction (version 5, KIP-890).
    func commit(
        _ committed: [(key: OffsetKey, value: CommittedOffset)], to id: String, _ identity: ProducerIdentity,
        isImplicit: Bool, _ done: @escaping @Sendable (TransactionRefusal?) -> Void
    ) {
        if isImplicit {
            let added = add([Self.offsetsPartition], to: id, identity, version: Transaction.bumpingVersion)
            if case .failure(let refusal) = added { return done(refusal) }
        }
        let written = table.withLock { table -> Result<Int64, TransactionRefusal> in
            guard let entry = table[id] else { return .failure(.unknownProducer) }
            if let refusal = entry.transaction.refusal(for: Self.offsetsPartition, identity) {
                return .failure(refusal)
            }
            guard table.offsetCount + committed.count <= options.offsetsMax else {
                return .failure(.limitReached)
            }
            guard !committed.isEmpty else { return .success(entry.recordOffset) }
            do throws(BrokerError) {
                let last = try log.append(committed.map { Self.pair(id, $0.key, $0.value) })
                table.put(id, committed, recordOffset: last)
                return .success(last)
            } catch {
                return .failure(.failed(error.kind))
            }
        }
        switch written {
        case .failure(let refusal): done(refusal)
        case .success(let offset): log.whenDurable(offset) { done($0.map { .failed($0.kind) }) }
        }
    }

    /// Where the offsets of groups are kept; a transaction that commits some has written there.
    static let offsetsPartition = PartitionName(topic: TopicName.consumerOffsets, partition: 0)

    /// Whether an open transaction is to change what a group has committed (KIP-447).
    func isPending(_ key: OffsetKey) -> Bool { table.withLock { $0.isPending(key) } }

    /// Groups of these for which open transactions are to commit offsets.
    func groupsWithPendingOffsets(among groups: Set<String>) -> Set<String> {
        Set(table.withLock { $0.undecidedOffsets { groups.contains($0.group) } }.map(\.key.group))
    }

    /// Drops offsets that open transactions were to commit, since what they belong to was deleted; `done` is called on any
    /// thread when that is durable. What a transaction already commits is committed.
    func forgetOffsets(where isGone: (OffsetKey) -> Bool, _ done: @escaping @Sendable (BrokerError?) -> Void) {
        let written = table.withLock { table -> Result<Int64?, BrokerError> in
            let gone = table.undecidedOffsets(where: isGone)
            guard !gone.isEmpty else { return .success(nil) }
            do throws(BrokerError) {
                let last = try log.append(gone.map { (TransactionRecord.encode(.offset($0.id, $0.key)), nil) })
                for (id, key) in gone { table.remove(id, key) }
                return .success(last)
            } catch {
                return .failure(error)
            }
        }
        switch written {
        case .success(nil): done(nil)
        case .success(let last?): log.whenDurable(last, done)
        case .failure(let error): done(error)
        }
    }

    /// How a transactional id stands; nil when it is not known.
    func transaction(_ id: String) -> Transaction? { table.withLock { $0[id]?.transaction } }

    /// All transactional ids, sorted.
    var all: [(id: String, transaction: Transaction)] {
        table.withLock { $0.entries.map { ($0.key, $0.value.transaction) } }.sorted { $0.0 < $1.0 }
    }

    /// Forgets what belongs to a topic that is gone.
    func remove(topic: String) { table.withLock { $0.remove(topic: topic) } }

    // MARK: - Changes

    /// A transactional id after a step.
    struct Found: Sendable {
        var transaction: Transaction
        /// What must be durable before anybody is told.
        var recordOffset: Int64
    }

    private func add(
        _ partitions: Set<PartitionName>, to id: String, _ identity: ProducerIdentity, version: Int16
    ) -> Result<Found, TransactionRefusal> {
        guard !id.isEmpty else { return .failure(.invalid) }
        return apply(id) { transaction, _, now in
            transaction.adding(partitions, identity, version: version, now: now.wallMilliseconds)
        }
    }

    /// Asks a rule what is to be done about a transactional id, writes that down, and makes it seen.
    ///
    /// - Parameter creating: the timeout of an id that is made when it is not known; nil makes none.
    func apply(
        _ id: String, creating timeoutMilliseconds: Int32? = nil,
        _ rule: (Transaction, _ newProducerID: Int64?, Moment) -> TransactionStep
    ) -> Result<Found, TransactionRefusal> {
        var newProducerID: Int64?
        while true {
            let now = Moment(clock)
            let outcome = table.withLock { table -> Result<Found, TransactionRefusal>? in
                let known = table[id]
                guard var transaction = known?.transaction ?? Self.new(timeoutMilliseconds, newProducerID, now) else {
                    return timeoutMilliseconds == nil ? .failure(.unknownProducer) : nil
                }
                if known == nil, !makeRoom(&table) { return .failure(.limitReached) }
                switch rule(transaction, newProducerID, now) {
                case .refuse(let refusal): return .failure(refusal)
                case .needsProducerID: return nil
                case .keep: return .success(Found(transaction: transaction, recordOffset: known?.recordOffset ?? -1))
                case .change(let next): transaction = next
                }
                do throws(BrokerError) {
                    let last = try log.append([Self.pair(id, transaction)])
                    table.put(id, transaction, recordOffset: last, now: now)
                    return .success(Found(transaction: transaction, recordOffset: last))
                } catch {
                    return .failure(.failed(error.kind))
                }
            }
            if let outcome {
                if case .success(let found) = outcome, found.transaction.state == .ongoing {
                    ring(by: now.monotonicMilliseconds + Int64(found.transaction.timeoutMilliseconds))
                }
                return outcome
            }
            do throws(BrokerError) { newProducerID = try producerIDs.next() } catch {
                return .failure(.failed(error.kind))
            }
        }
    }

    private static func new(_ timeoutMilliseconds: Int32?, _ producerID: Int64?, _ now: Moment) -> Transaction? {
        guard let timeoutMilliseconds, let producerID else { return nil }
        return Transaction(
            producer: ProducerIdentity(id: producerID, epoch: -1), timeoutMilliseconds: timeoutMilliseconds,
            updateMilliseconds: now.wallMilliseconds)
    }

    /// Tells the identity of a transactional id once it is durable.
    private func answer(_ applied: Result<Found, TransactionRefusal>, _ done: @escaping Waiter) {
        switch applied {
        case .failure(let refusal): done(.failure(refusal))
        case .success(let found):
            log.whenDurable(found.recordOffset) { failure in
                done(failure.map { .failure(.failed($0.kind)) } ?? .success(found.transaction.producer))
            }
        }
    }

    private func onWorker(_ done: @escaping Waiter, _ job: @escaping @Sendable () -> Void) {
        if !worker.submit(job) { done(.failure(.failed(.closed))) }
    }

    static func pair(_ id: String, _ transaction: Transaction) -> InternalLog.Pair {
        (TransactionRecord.encode(.transaction(id)), TransactionRecord.encode(transaction))
    }

    static func pair(_ id: String, _ key: OffsetKey, _ value: CommittedOffset) -> InternalLog.Pair {
        (TransactionRecord.encode(.offset(id, key)), OffsetRecord.value(value))
    }
}
