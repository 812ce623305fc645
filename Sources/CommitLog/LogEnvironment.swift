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
    }
}
