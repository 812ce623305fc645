import System

/// What a round of syncs made durable.
struct Flushed: Sendable {
    /// How many bytes of log.
    var bytes = 0
    /// Whether segments were among it that nothing is appended to any more.
    var closesSegment = false
}

/// Syncs partitions on one thread: group commit for those that wait, and within `flushMilliseconds` for the rest.
///
/// Whatever is appended while a sync runs is covered by the next one; there is no artificial delay.
final class Flusher: Sendable {
    private struct State: Sendable {
        var urgent: [PartitionLog] = []
        /// In the order of their deadlines, because each waits equally long.
        var later: [(partition: PartitionLog, deadline: UInt64)] = []
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

    init(_ clock: any Clock) { self.clock = clock }

    /// Asks for a sync of a partition. Each partition asks once until it is flushed.
    func request(_ partition: PartitionLog, urgently: Bool) {
        if urgently {
            state.update { $0.urgent.append(partition) }
            return
        }
        let wait = UInt64(max(0, partition.environment.options.flushMilliseconds)) * 1_000_000
        let deadline = clock.monotonicNanoseconds + wait
        state.update { state in
            state.isChanged = state.isChanged || state.later.isEmpty
            state.later.append((partition, deadline))
        }
    }

    /// Ends `run`.
    func stop() { state.update { $0.isStopping = true } }

    /// Flushes until `stop`; calls `synced` after each round.
    func run(_ synced: (Flushed) -> Void) {
        while true {
            switch next() {
            case .stop: return
            case .again: continue
            case .flush(let partitions): synced(Self.flush(partitions))
            }
        }
    }

    private static func flush(_ partitions: [PartitionLog]) -> Flushed {
        var sum = Flushed()
        // A failure has been told to everybody who waits, and to the process; other partitions are still worth a try.
        for partition in partitions {
            guard let flushed = try? partition.flush() else { continue }
            sum.bytes += flushed.bytes
            sum.closesSegment = sum.closesSegment || flushed.closesSegment
        }
        return sum
    }

    private func next() -> Work {
        let wait: Int? = state.withLock { state in
            state.isChanged = false
            guard let first = state.later.first else { return nil }
            let now = clock.monotonicNanoseconds
            return first.deadline <= now ? 0 : Int((first.deadline - now) / 1_000_000) + 1
        }
        return state.wait(milliseconds: wait) { state in
            if state.isStopping { return .stop }
            let now = clock.monotonicNanoseconds
            let due = state.later.prefix { $0.deadline <= now }.map(\.partition)
            if !state.urgent.isEmpty || !due.isEmpty {
                state.later.removeFirst(due.count)
                defer { state.urgent = [] }
                return .flush(state.urgent + due)
            }
            return state.isChanged ? .again : nil
        } ?? .again
    }
}
