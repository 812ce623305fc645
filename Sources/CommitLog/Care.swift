import Observability
import Synchronization
import System

/// The slow duties of a data directory, on their own thread: recovery points, retention, closing unused files.
final class Care: Sendable {
    private struct Signal: Sendable {
        var isStopping = false
        var syncedBytes = 0
    }

    private let environment: LogEnvironment
    private let signal = Condition(Signal())
    private let retentionClock: Mutex<RetentionClock>
    /// The partitions to care for.
    let partitions = Mutex<[PartitionLog]>([])

    init(_ environment: LogEnvironment) {
        self.environment = environment
        retentionClock = Mutex(RetentionClock(environment.clock))
    }

    /// Takes note of a sync, to write the recovery points in time: a closed segment or much data behind them is at risk
    /// of being cut when it is damaged.
    func note(_ flushed: Flushed) {
        let limit = environment.options.checkpointBytes
        let isDue = signal.withLock { signal in
            signal.syncedBytes += flushed.closesSegment ? max(flushed.bytes, limit) : flushed.bytes
            return signal.syncedBytes >= limit
        }
        if isDue { signal.update { _ in } }
    }

    func stop() { signal.update { $0.isStopping = true } }

    /// Does the duties until `stop`.
    func run() {
        var maintained = environment.clock.monotonicNanoseconds
        let period = UInt64(max(1, environment.options.maintenanceMilliseconds)) * 1_000_000
        let limit = environment.options.checkpointBytes
        while true {
            let isStopping = signal.wait(milliseconds: environment.options.checkpointMilliseconds) { signal in
                if signal.isStopping { return true }
                return signal.syncedBytes >= limit ? false : nil
            }
            if isStopping == true { return }
            do { try checkpoint() } catch {
                environment.log.warningOncePerMinute(cause: "checkpoint", "\(error)")
            }
            let now = environment.clock.monotonicNanoseconds
            if now - maintained >= period {
                maintained = now
                maintain()
            }
        }
    }

    /// Writes how far every partition is synced; nothing is written when nothing changed.
    func checkpoint() throws(LogError) {
        signal.withLock { $0.syncedBytes = 0 }
        let all = partitions.withLock { $0 }
        for partition in all { partition.snapshotIfDue() }
        let offsets = all.map { ($0.key, $0.recoveryPoint) }
        try environment.recoveryPoints.update { points in
            for (key, offset) in offsets { points[key] = offset }
        }
    }

    /// Applies retention and lets go of what is not in use.
    func maintain() {
        let now = retentionClock.withLock { $0.now(environment.clock) }
        for partition in partitions.withLock({ $0 }) {
            do { try partition.applyRetention(now: now) } catch {
                environment.log.warningOncePerMinute(cause: "retention " + partition.name, "\(error)")
            }
            partition.releaseUnused()
        }
    }
}
