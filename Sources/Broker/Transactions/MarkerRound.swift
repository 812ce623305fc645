import CommitLog
import Observability
import RecordBatch
import Synchronization

/// Brings the decided end of a transaction to where it has written: a marker in each partition, and committed offsets to
/// the offset store. Over once all of that is durable or has failed.
final class MarkerRound: Sendable {
    /// What could not be done and must be tried again.
    struct Rest: Sendable {
        var partitions: Set<PartitionName> = []
        var hasOffsets = false

        var isEmpty: Bool { partitions.isEmpty && !hasOffsets }
    }

    private struct State: Sendable {
        var waiting: Int
        var rest = Rest()
    }

    private let state: Mutex<State>
    private let done: @Sendable (Rest) -> Void

    private init(_ count: Int, _ done: @escaping @Sendable (Rest) -> Void) {
        state = Mutex(State(waiting: count))
        self.done = done
    }

    /// Writes the markers of `transaction` and its `offsets`; `done` is called once, on any thread.
    static func run(
        _ transaction: Transaction, _ offsets: [OffsetKey: CommittedOffset], _ catalog: TopicCatalog,
        _ store: OffsetStore, _ done: @escaping @Sendable (Rest) -> Void
    ) {
        let round = MarkerRound(transaction.partitions.count + 2, done)
        if transaction.state == .prepareCommit && !offsets.isEmpty {
            store.commit(offsets.map { ($0.key, $0.value) }) { failure in
                if let failure {
                    log.warningOncePerMinute(cause: "offsets", "cannot commit a transaction's offsets: \(failure)")
                }
                round.finish { $0.hasOffsets = failure != nil }
            }
        } else {
            round.finish { _ in }
        }
        let outcome: ControlRecord.Outcome = transaction.state == .prepareCommit ? .commit : .abort
        let marker = ControlRecord(outcome: outcome, coordinatorEpoch: BrokerCore.leaderEpoch)
        for name in transaction.partitions.sorted() { round.write(marker, transaction.producer, name, catalog) }
        round.finish { _ in }
    }

    private func write(
        _ marker: ControlRecord, _ producer: ProducerIdentity, _ name: PartitionName, _ catalog: TopicCatalog
    ) {
        // A topic that was deleted needs no marker.
        guard let partition = catalog.topic(name.topic)?.partition(name.partition) else { return finish { _ in } }
        do throws(LogError) {
            let result = try partition.appendMarker(
                marker, producerID: producer.id, producerEpoch: producer.epoch, durability: .durable)
            partition.whenDurable(upTo: result.lastOffset + 1) { [self] result in
                switch result {
                case .success: finish { _ in }
                case .failure(let error): fail(name, error)
                }
            }
        } catch {
            fail(name, error)
        }
    }

    private func fail(_ name: PartitionName, _ error: LogError) {
        switch error {
        case .deleted, .invalidProducerEpoch, .coordinatorFenced:
            // Gone, or ended by somebody newer: there is nothing left to end.
            finish { _ in }
        default:
            Self.log.warningOncePerMinute(
                cause: "marker", "cannot end a transaction in \(name.topic)-\(name.partition) yet: \(error)")
            finish { $0.partitions.insert(name) }
        }
    }

    private static let log = Log("transactions")

    private func finish(_ note: (inout Rest) -> Void) {
        let rest = state.withLock { state -> Rest? in
            note(&state.rest)
            state.waiting -= 1
            return state.waiting == 0 ? state.rest : nil
        }
        if let rest { done(rest) }
    }
}
