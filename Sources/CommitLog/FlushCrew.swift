import System

/// Syncs the partitions of one round, several at a time.
///
/// A file system writes its journal once for all syncs that wait at the same time, and once for each that comes alone: a
/// thousand small partitions take a third of the time, and nobody waits for the partition before his.
final class FlushCrew: Sendable {
    private struct State: Sendable {
        var partitions: [PartitionLog] = []
        var next = 0
        var done = 0
        var sum = Flushed()
        var threads: [Thread] = []
        var isStopping = false
    }

    /// Threads beside the caller's; they are started when a round first has work for them.
    private static let helpersMax = 7

    private let state = Condition(State())

    /// Syncs partitions; what was synced of them, in sum. Rounds follow one another.
    func flush(_ partitions: [PartitionLog]) -> Flushed {
        if partitions.count == 1 { return Self.flush(partitions[0]) }
        state.update { state in
            state.partitions = partitions
            state.next = 0
            state.done = 0
            state.sum = Flushed()
            while state.threads.count < min(Self.helpersMax, partitions.count - 1) {
                state.threads.append(Thread("log-flush-\(state.threads.count + 1)") { self.help() })
            }
        }
        while let partition = state.withLock({ Self.take(&$0) }) { end(Self.flush(partition)) }
        return state.wait(milliseconds: nil) { state in
            guard state.done == state.partitions.count else { return nil }
            state.partitions = []
            return state.sum
        } ?? Flushed()
    }

    /// Ends the helpers; there is no round after this.
    func stop() {
        let threads = state.update { state in
            state.isStopping = true
            return state.threads
        }
        for thread in threads { thread.join() }
    }

    private func help() {
        while true {
            let partition = state.wait(milliseconds: nil) { state -> PartitionLog?? in
                if let partition = Self.take(&state) { return partition }
                return state.isStopping ? .some(nil) : nil
            }
            guard let partition = partition ?? nil else { return }
            end(Self.flush(partition))
        }
    }

    private static func take(_ state: inout State) -> PartitionLog? {
        guard state.next < state.partitions.count else { return nil }
        defer { state.next += 1 }
        return state.partitions[state.next]
    }

    private func end(_ flushed: Flushed) {
        let isLast = state.withLock { state in
            state.sum.add(flushed)
            state.done += 1
            return state.done == state.partitions.count
        }
        if isLast { state.update { _ in } }
    }

    private static func flush(_ partition: PartitionLog) -> Flushed {
        // A failure has been told to everybody who waits, and to the process; other partitions are still worth a try.
        (try? partition.flush()) ?? Flushed()
    }
}
