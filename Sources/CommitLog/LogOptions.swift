/// How a data directory is kept; the same for all partitions unless `PartitionSettings` says otherwise.
public struct LogOptions: Sendable {
    /// Settings of partitions that were not given their own.
    public var defaults = PartitionSettings()
    /// Bytes of log between two entries of the sparse index.
    public var indexIntervalBytes = 4096
    /// How long written bytes may stay without a sync.
    public var flushMilliseconds = 100
    /// How many written bytes a partition may collect without a sync.
    public var flushBytes = 256 << 10
    /// Room on the disk is set aside for a segment's next batches once it has this many bytes: most partitions stay small.
    public var reserveFromBytes: Int64 = 1 << 20
    /// Appends are refused when the file system has less than this free.
    public var minimumFreeBytes: Int64 = 64 << 20
    /// Whether `.durable` appends are treated as `.written`, except where `PartitionSettings.isAlwaysDurable` is set.
    public var relaxedDurability = false
    /// How often retention runs.
    public var maintenanceMilliseconds = 30_000
    /// How often the recovery points are written while there is traffic.
    public var checkpointMilliseconds = 5000
    /// After how many synced bytes the recovery points are written at the latest.
    public var checkpointBytes = 256 << 20
    /// How much memory a compaction may use for keys; 24 bytes each, and a quarter is left free.
    public var compactionKeyBytes = 32 << 20
    /// When less than this is free on the file system, the oldest segments of partitions that may be deleted from go first,
    /// whatever their age; 0: never.
    public var retentionFreeBytes: Int64 = 0
    /// How long idempotent producers that are silent are remembered.
    public var producerExpirationMilliseconds: Int64 = 86_400_000
    /// How many bytes a second of closed segments are read with their checksums, to find damage before somebody needs the
    /// records; 0: none.
    public var scrubBytesPerSecond: Int64 = 0
    /// The leader epoch written into batches.
    public var leaderEpoch: Int32 = 0
    /// Whether the log starts its own threads. Without them `CommitLog.flush()` and `runMaintenance()` do their work.
    public var startsThreads = true
    /// Called when the disk can no longer be trusted (a sync failed). The process should end with an error.
    public var onFatal: @Sendable (LogError) -> Void = { _ in }

    /// The defaults.
    public init() {}
}

/// How one partition is kept.
public struct PartitionSettings: Sendable, Equatable {
    /// A segment is closed before it grows beyond this; at most `segmentBytesMax`.
    public var segmentBytes = 1 << 30
    /// A segment is closed when it is this old.
    public var segmentMilliseconds: Int64 = 7 * 86_400_000
    /// Segments older than this are deleted; -1 keeps them for ever.
    public var retentionMilliseconds: Int64 = 7 * 86_400_000
    /// The oldest segments are deleted while the partition is larger than this; -1 is no limit.
    public var retentionBytes: Int64 = -1
    /// Whether `.durable` appends are treated as `.written`.
    public var writeCaching = false
    /// Whether `LogOptions.relaxedDurability` does not concern this partition.
    public var isAlwaysDurable = false
    /// Whether old segments may be deleted to make room on the disk (`LogOptions.retentionFreeBytes`).
    public var isDeletable = true
    /// Whether only the newest record of each key is kept.
    public var isCompacted = false
    /// A partition is compacted when more than this share of its closed segments is new.
    public var minCleanableRatio = 0.5
    /// Records are not compacted before they are this old.
    public var minCompactionLagMilliseconds: Int64 = 0
    /// Records are compacted, whatever the share, when they are this old.
    public var maxCompactionLagMilliseconds: Int64 = .max
    /// How long tombstones and the markers of empty transactions stay after a compaction has seen them.
    public var deleteRetentionMilliseconds: Int64 = 86_400_000

    /// The age at which a segment is closed: records that must be compacted in time must be in a closed one.
    var segmentAgeMax: Int64 {
        isCompacted ? min(segmentMilliseconds, maxCompactionLagMilliseconds) : segmentMilliseconds
    }

    /// Positions in a segment are stored in 31 bits.
    public static let segmentBytesMax = Int(Int32.max)

    /// The defaults.
    public init() {}
}

/// When an append counts as done.
public enum Durability: Sendable {
    /// Once the operating system has the bytes: visible at once, survives the end of this process.
    case written
    /// Once the disk has the bytes: visible after the sync, survives a power cut. Wait with `whenDurable`.
    case durable
}

/// Where an appended batch is.
public struct AppendResult: Sendable, Equatable {
    /// The offset of its first record.
    public let baseOffset: Int64
    /// The offset of its last record.
    public let lastOffset: Int64
    /// The largest timestamp of the batch as it was appended, ms since the epoch.
    public let timestamp: Int64
    /// Whether it had been appended before, and nothing was written now.
    public let isDuplicate: Bool

    /// A place, such as one that was remembered.
    public init(baseOffset: Int64, lastOffset: Int64, timestamp: Int64, isDuplicate: Bool) {
        self.baseOffset = baseOffset
        self.lastOffset = lastOffset
        self.timestamp = timestamp
        self.isDuplicate = isDuplicate
    }
}

/// How far a reader may see.
public enum ReadLimit: Sendable {
    /// Records that cannot be taken back: what consumers see.
    case highWatermark
    /// Records whose transactions are decided too: what consumers of committed data see. Which of them were aborted,
    /// `PartitionLog.abortedTransactions` tells.
    case lastStable
    /// Everything that was written.
    case logEnd
}

/// What opening the data directory found.
public struct RecoveryReport: Sendable, Equatable {
    /// Bytes cut from torn tails.
    public var bytesCut: Int64 = 0
    /// Batches whose checksum was verified.
    public var batchesScanned = 0
    /// One line for each thing that an operator should know.
    public var messages: [String] = []
}
