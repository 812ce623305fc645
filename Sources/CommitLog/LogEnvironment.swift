import Observability
import System

/// What the partitions of one data directory share.
final class LogEnvironment: Sendable {
    let fileSystem: any FileSystem
    let clock: any Clock
    let options: LogOptions
    let freeSpace: FreeSpace
    let flusher: Flusher
    /// The first offset of each partition that is still offered, where records were deleted.
    let startOffsets: Checkpoint
    /// Below these offsets everything was synced before the checkpoint was written.
    let recoveryPoints: Checkpoint
    /// Below these offsets compacted partitions hold every key once.
    let cleanedOffsets: Checkpoint
    /// Every file with an offset for each partition.
    var checkpoints: [Checkpoint] { [startOffsets, recoveryPoints, cleanedOffsets] }
    let log = Log("log")
    /// The file that an orderly end leaves.
    let cleanMarkerPath: String
    /// Whether the last process closed the log in order.
    let wasClean: Bool
    /// Whether a sync has failed since the machine was started: what the disk never got may look as if it were there, and no
    /// sync would write it.
    let hasFailedSync: Bool
    private let failedSyncPath: String

    init(
        _ directory: String, _ options: LogOptions, _ fileSystem: any FileSystem, _ clock: any Clock
    ) throws(LogError) {
        self.fileSystem = fileSystem
        self.clock = clock
        self.options = options
        freeSpace = FreeSpace(fileSystem, clock, path: directory, minimumBytes: options.minimumFreeBytes)
        flusher = Flusher(clock)
        startOffsets = try Checkpoint(fileSystem, directory + "/log-start-offsets")
        recoveryPoints = try Checkpoint(fileSystem, directory + "/recovery-point")
        cleanedOffsets = try Checkpoint(fileSystem, directory + "/cleaner-offsets")
        cleanMarkerPath = directory + "/clean"
        wasClean = fileSystem.exists(cleanMarkerPath)
        failedSyncPath = directory + "/sync-failed"
        hasFailedSync = fileSystem.exists(failedSyncPath)
    }

    /// Leaves word of a failed sync for the next start. With the power this is gone, and so is the need for it.
    func noteFailedSync() {
        // The disk is failing: more than one try is worth while.
        for _ in 0..<Self.noteTries where (try? fileSystem.open(failedSyncPath, .create)) != nil { return }
        log.warning("\(failedSyncPath) cannot be written")
    }

    private static let noteTries = 5

    /// Everything that a failed sync left in doubt was written again and is durable.
    func forgetFailedSync() throws(LogError) {
        guard hasFailedSync else { return }
        try storing { () throws(SystemError) in try fileSystem.remove(failedSyncPath) }
    }
}
