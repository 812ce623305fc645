import System

/// What a round of syncs made durable.
struct Flushed: Sendable {
    /// How many bytes of log.
    var bytes = 0
    /// Whether segments were among it that nothing is appended to any more.
    var closesSegment = false

    mutating func add(_ other: Flushed) {
        bytes += other.bytes
        closesSegment = closesSegment || other.closesSegment
    }
}

/// Syncs partitions in rounds: group commit for those that wait, and within `flushMilliseconds` for the rest.
///
/// Whatever is appended while a sync runs is covered by the next one; there is no artificial delay for those that wait.
final class Flusher: Sendable {
    private struct State: Sendable {
        var queue = FlushQueue<PartitionLog>()
        var isStopping = false
        /// Whether the thread must reckon its waiting time anew.
        var isChanged = false
    }

    private enum Work: Sendable {
        case flush([PartitionLog])
        case again
        case stop
    }

    private let clock: any Clock
    private let state = Condition(State())
    private let crew = FlushCrew()

    init(_ clock: any Clock) { self.clock = clock }

    /// Asks for a sync of a partition. Each partition asks once for each urgency until it is flushed.
    func request(_ partition: PartitionLog, _ urgency: FlushUrgency) {
        let wait = UInt64(max(0, partition.environment.options.flushMilliseconds)) * 1_000_000
        let deadline = clock.monotonicNanoseconds + wait
        state.update { state in
            let before = state.queue.deadline
            state.queue.add(partition, urgency, deadline: deadline)
            state.isChanged = state.isChanged || state.queue.deadline != before
        }
    }

    /// Ends `run`.
    func stop() { state.update { $0.isStopping = true } }

    /// Flushes until `stop`; calls `synced` after each round.
    func run(_ synced: (Flushed) -> Void) {
        while true {
            switch next() {
            case .stop: return crew.stop()
            case .again: continue
            case .flush(let partitions):
                let start = clock.monotonicNanoseconds
                synced(crew.flush(partitions))
                let end = clock.monotonicNanoseconds
                state.withLock { $0.queue.roundEnded(end, tookNanoseconds: end - min(start, end)) }
            }
        }
    }

    private func next() -> Work {
        let wait: Int? = state.withLock { state in
            state.isChanged = false
            guard let deadline = state.queue.deadline else { return nil }
            let now = clock.monotonicNanoseconds
            return deadline <= now ? 0 : Int((deadline - now) / 1_000_000) + 1
        }
        return state.wait(milliseconds: wait) { state in
            if state.isStopping { return .stop }
            let due = state.queue.takeDue(clock.monotonicNanoseconds)
            if !due.isEmpty { return .flush(due) }
            return state.isChanged ? .again : nil
        } ?? .again
    }
}
