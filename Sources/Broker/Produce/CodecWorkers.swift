import Glibc
import Synchronization

/// Threads for batches that take long to unpack or to compress anew, so that no event loop waits for a codec.
///
/// The connection of such a batch is not read until it is appended, so that every producer's batches stay in order and
/// each connection has one job at most.
final class CodecWorkers: Sendable {
    /// Bytes of batches that may wait or be worked on at a time. Whoever brings more does the work itself, and reads
    /// nothing meanwhile.
    static let bytesMax = 256 << 20

    private let workers: [Worker]
    private let turn = Atomic<Int>(0)
    private let heldBytes = Atomic<Int>(0)

    /// Starts a thread for every second core.
    init() {
        let count = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)) / 2)
        workers = (0..<count).map { Worker("codec-\($0)") }
    }

    /// The worker whose turn it is.
    func next() -> Worker {
        workers[turn.wrappingAdd(1, ordering: .relaxed).newValue % workers.count]
    }

    /// Makes room for so many bytes, for one batch however large; false when there is none. `release` gives it back.
    func reserve(_ byteCount: Int) -> Bool {
        let held = heldBytes.wrappingAdd(byteCount, ordering: .relaxed).newValue
        if held <= Self.bytesMax || held == byteCount { return true }
        release(byteCount)
        return false
    }

    func release(_ byteCount: Int) { heldBytes.wrappingSubtract(byteCount, ordering: .relaxed) }

    /// Waits until what was queued before has run.
    func drain() { for worker in workers { worker.drain() } }

    /// Runs what is queued, then ends the threads. Must be called exactly once.
    func stop() { for worker in workers { worker.stop() } }
}
