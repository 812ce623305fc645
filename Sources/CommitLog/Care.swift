import Observability
import Synchronization
import System

/// The slow duties of a data directory, on their own thread: recovery points, retention, compaction, closing unused files.
final class Care: Sendable {
    private struct Signal: Sendable {
        var isStopping = false
        var syncedBytes = 0
    }

    private let environment: LogEnvironment
    private let signal = Condition(Signal())
    private let retentionClock: Mutex<RetentionClock>
    private let doubtFile: Mutex<DoubtFile>
    /// When the recovery points were written last.
    private let checkpointed = Mutex<UInt64>(0)
    /// The partitions to care for.
    let partitions = Mutex<[PartitionLog]>([])

    init(_ environment: LogEnvironment, _ directory: String) {
        self.environment = environment
        retentionClock = Mutex(RetentionClock(environment.clock))
        doubtFile = Mutex(DoubtFile(environment.fileSystem, directory))
    }

    /// Tells when the last record arrived before this process began: a wall clock that is far from it may be wrong.
    func begin(after lastArrival: Int64) {
        let doubt = doubtFile.withLock { $0.read() }
        retentionClock.withLock { clock in
            clock =
                doubt.map { RetentionClock(environment.clock, goingOnFrom: $0) }
                ?? RetentionClock(environment.clock, after: lastArrival)
        }
    }

    /// The time by which what is old is deleted, ms since the epoch.
    func now() -> Int64 { retentionClock.withLock { $0.now(environment.clock) } }

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
            checkpointOrWarn()
            let now = environment.clock.monotonicNanoseconds
            if now - maintained >= period {
                maintained = now
                maintain()
            } else {
                makeRoom()
            }
            compact()
            scrub()
        }
    }

    private func checkpointOrWarn() {
        do throws(LogError) {
            try checkpoint()
            try saveDoubt()
        } catch {
            environment.log.warningOncePerMinute(cause: "checkpoint", "\(error)")
        }
    }

    /// Writes down that the wall clock is not believed, or that it is again.
    func saveDoubt() throws(LogError) {
        let doubt = retentionClock.withLock { clock in
            _ = clock.now(environment.clock)
            return clock.doubt
        }
        let now = environment.clock.monotonicNanoseconds
        try doubtFile.withLock { (file) throws(LogError) in
            let isFresh = doubt != nil && (file.savedNanoseconds.map { now - $0 < Self.doubtNanoseconds } ?? false)
            if !isFresh { try file.save(doubt, at: now) }
        }
    }

    /// How often a doubt that lasts is written down again.
    private static let doubtNanoseconds: UInt64 = 60_000_000_000

    /// Writes how far every partition is synced; nothing is written when nothing changed.
    func checkpoint() throws(LogError) {
        signal.withLock { $0.syncedBytes = 0 }
        checkpointed.withLock { $0 = environment.clock.monotonicNanoseconds }
        let all = partitions.withLock { $0 }
        for partition in all { partition.snapshotIfDue() }
        let offsets = all.map { ($0.key, $0.recoveryPoint) }
        try environment.recoveryPoints.update { points in
            for (key, offset) in offsets { points[key] = offset }
        }
    }

    /// Applies retention and lets go of what is not in use.
    func maintain() {
        let now = now()
        for partition in partitions.withLock({ $0 }) {
            do { try partition.applyRetention(now: now) } catch {
                environment.log.warningOncePerMinute(cause: "retention " + partition.name, "\(error)")
            }
            partition.releaseUnused()
        }
        makeRoom()
    }

    /// Deletes the oldest segments, whosever they are, while less is free on the disk than is to stay free.
    private func makeRoom() {
        let floor = environment.options.retentionFreeBytes
        guard floor > 0 else { return }
        do throws(LogError) {
            while try environment.freeSpace.measure() < floor {
                let oldest = partitions.withLock { $0 }
                    .compactMap { partition in partition.oldestDeletable.map { (partition, $0) } }
                    .min { $0.1.arrivedMilliseconds < $1.1.arrivedMilliseconds }
                guard let (partition, segment) = oldest else {
                    return environment.log.warningOncePerMinute(
                        cause: "room", "less than \(floor >> 20) MiB are free, and there is no old segment to delete")
                }
                try partition.moveStart(to: segment.end)
            }
        } catch {
            environment.log.warningOncePerMinute(cause: "room", "\(error)")
        }
    }

    // MARK: - Scrubbing

    private struct Scrubbing: Sendable {
        /// When bytes were read last, monotonic; nil before the first time.
        var readNanoseconds: UInt64?
        /// When everything was read, monotonic.
        var endedNanoseconds: UInt64?
        /// Bytes read so far.
        var bytes: Int64 = 0
    }

    private let scrubbing = Mutex(Scrubbing())

    /// Everything is read again so long after it was.
    private static let scrubPeriodNanoseconds: UInt64 = 7 * 86_400_000_000_000
    /// At most so many bytes in one go, however long the last one was ago.
    private static let scrubBytesMax: Int64 = 64 << 20

    /// Bytes that were read to find damage.
    var scrubbedBytes: Int64 { scrubbing.withLock { $0.bytes } }

    /// Reads as much of the closed segments as the time since the last call allows, to find damage early.
    func scrub() {
        let rate = environment.options.scrubBytesPerSecond
        guard rate > 0 else { return }
        let now = environment.clock.monotonicNanoseconds
        let (elapsed, isAgain) = scrubbing.withLock { state in
            defer { state.readNanoseconds = now }
            let isAgain = state.endedNanoseconds.map { now - $0 >= Self.scrubPeriodNanoseconds } ?? false
            if isAgain { state.endedNanoseconds = nil }
            return (now - (state.readNanoseconds ?? now), isAgain)
        }
        let all = partitions.withLock { $0 }
        if isAgain { for partition in all { partition.forgetChecks() } }
        var left = min(Self.scrubBytesMax, Int64(Double(elapsed) / 1e9 * Double(rate)))
        for partition in all {
            do throws(LogError) {
                while left > 0 {
                    if signal.withLock({ $0.isStopping }) { return }
                    let read = try partition.scrub(bytes: min(left, rate))
                    guard read > 0 else { break }
                    left -= read
                    scrubbing.withLock { $0.bytes += read }
                }
            } catch {
                environment.log.warningOncePerMinute(cause: "scrub " + partition.name, "\(partition.name): \(error)")
            }
        }
        // Whatever the time allowed for was read, and there was no more.
        if left > 0, elapsed > 0 { scrubbing.withLock { $0.endedNanoseconds = $0.endedNanoseconds ?? now } }
    }

    // MARK: - Compaction

    /// What was compacted so far.
    let compactions = Mutex(CompactionTotals())

    /// Compacts the partitions that are due. Between files, the other duties get their turn.
    func compact() {
        let now = now()
        for partition in partitions.withLock({ $0 }) where partition.settings.isCompacted {
            do throws(LogError) {
                let summary = try partition.compact(now: now) { () throws(LogError) in
                    if signal.withLock({ $0.isStopping }) { throw .closed }
                    if isCheckpointDue() { checkpointOrWarn() }
                }
                if let summary { compactions.withLock { $0.add(summary) } }
            } catch {
                if case .closed = error { return }
                environment.log.warningOncePerMinute(
                    cause: "compaction " + partition.name, "\(partition.name) was not compacted: \(error)")
            }
        }
    }

    private func isCheckpointDue() -> Bool {
        let now = environment.clock.monotonicNanoseconds
        let period = UInt64(max(1, environment.options.checkpointMilliseconds)) * 1_000_000
        return checkpointed.withLock { now - $0 >= period }
    }
}
