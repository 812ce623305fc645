import Glibc
import Observability
import Synchronization
import System

/// The segmented logs of one data directory.
///
/// One process at a time holds a directory. Thread-safe; partitions are independent of each other.
public final class CommitLog: Sendable {
    private struct State: Sendable {
        var partitions: [PartitionKey: PartitionLog] = [:]
        var threads: [Thread] = []
        var lock: (any File)?
        var isClosed = false
    }

    /// The cluster's identity: 22 characters of base64.
    public let clusterID: String
    /// Whether the last process closed the log in order.
    public var wasCleanStart: Bool { environment.wasClean }
    /// What opening found.
    public let recovery: RecoveryReport
    /// The data directory.
    public let directory: String

    let environment: LogEnvironment
    private let care: Care
    private let state: Mutex<State>

    private var topicsDirectory: String { directory + "/topics" }

    /// Opens a data directory, making it when it does not exist.
    ///
    /// Takes the directory's lock (`locked` names the holder), reads its identity, and opens all partitions; after a
    /// crash it verifies what may not have reached the disk.
    public init(
        directory: String, options: LogOptions, fileSystem: any FileSystem, clock: any Clock
    ) throws(LogError) {
        self.directory = directory
        try storing { () throws(SystemError) in try fileSystem.createDirectory(directory) }
        let lock = try Self.lock(directory, fileSystem)
        clusterID = try MetaFile.open(directory, fileSystem).clusterID
        try Self.sign(lock)
        let environment = try LogEnvironment(directory, options, fileSystem, clock)
        self.environment = environment
        guard !environment.startOffsets.wasDamaged else {
            throw .metadata(
                path: environment.startOffsets.path,
                reason: "damaged; nothing was changed: restore it from a copy, or remove it, which brings back records "
                    + "that were deleted")
        }
        care = Care(environment, directory)
        let topics = directory + "/topics"
        try storing { () throws(SystemError) in
            // Whoever made these names may have ended before they were durable.
            try fileSystem.createDirectory(topics)
            try fileSystem.syncDirectory(directory)
            try fileSystem.syncDirectory(topics)
        }
        var report = RecoveryReport()
        let partitions = try Self.open(topics, environment, &report)
        try environment.forgetFailedSync()
        if environment.wasClean {
            try storing { () throws(SystemError) in
                try fileSystem.remove(environment.cleanMarkerPath)
                try fileSystem.syncDirectory(directory)
            }
        }
        recovery = report
        state = Mutex(State(partitions: partitions, lock: lock))
        for message in report.messages { environment.log.warning(message) }
        care.partitions.withLock { $0 = Array(partitions.values) }
        care.begin(after: partitions.values.map(\.lastArrivalMilliseconds).max() ?? 0)
        try care.checkpoint()
        if options.startsThreads { start() }
    }

    deinit {
        environment.flusher.stop()
        care.stop()
    }

    private func start() {
        let environment = environment
        let care = care
        let flusher = Thread("log-flush") { environment.flusher.run { care.note($0) } }
        let keeper = Thread("log-care") { care.run() }
        state.withLock { $0.threads = [flusher, keeper] }
    }

    // MARK: - Opening

    private static func lock(_ directory: String, _ fileSystem: any FileSystem) throws(LogError) -> any File {
        let path = directory + "/lock"
        let file = try storing { () throws(SystemError) in try fileSystem.open(path, .create) }
        if try storing({ () throws(SystemError) in try file.tryLock() }) { return file }
        let text = (try? fileSystem.contents(path, limit: 64)) ?? []
        let digits = String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        throw .locked(path: directory, processID: Int32(digits))
    }

    private static func sign(_ lock: any File) throws(LogError) {
        let text = Array("\(getpid())\n".utf8)
        try storing { () throws(SystemError) in
            try lock.truncate(to: 0)
            try text.withUnsafeBufferPointer { (raw) throws(SystemError) in
                try lock.write(UnsafeRawBufferPointer(raw), at: 0)
            }
        }
    }

    private static func open(
        _ topics: String, _ environment: LogEnvironment, _ report: inout RecoveryReport
    ) throws(LogError) -> [PartitionKey: PartitionLog] {
        if environment.recoveryPoints.wasDamaged {
            report.messages.append("the file of recovery points was damaged; the logs themselves were read instead")
        }
        var found: [(key: PartitionKey, path: String)] = []
        let names = try storing { () throws(SystemError) in try environment.fileSystem.list(topics) }
        for name in names {
            let path = topics + "/" + name
            if name.hasSuffix(deletedSuffix) {
                try storing { () throws(SystemError) in try removeTree(path, environment.fileSystem) }
            } else if let key = PartitionKey(directoryName: name) {
                found.append((key, path))
            } else {
                report.messages.append("\(path) is not a partition and was left alone")
            }
        }
        var partitions: [PartitionKey: PartitionLog] = [:]
        for opened in try PartitionOpener(environment, found).run() {
            report.bytesCut += opened.report.bytesCut
            report.batchesScanned += opened.report.batchesScanned
            report.messages += opened.report.messages
            partitions[opened.partition.key] = opened.partition
        }
        // A partition of the same name may be made later: it must not inherit anything.
        for checkpoint in environment.checkpoints {
            try checkpoint.update { offsets in offsets = offsets.filter { partitions[$0.key] != nil } }
        }
        return partitions
    }

    // MARK: - Partitions

    /// All partitions, by topic and number.
    public var partitions: [PartitionLog] {
        state.withLock { Array($0.partitions.values) }.sorted { $0.key < $1.key }
    }

    /// One partition; nil when it does not exist.
    public func partition(topic: String, partition: Int32) -> PartitionLog? {
        guard let key = try? PartitionKey(checking: topic, partition) else { return nil }
        return state.withLock { $0.partitions[key] }
    }

    /// Makes an empty partition; it is durable when this returns.
    @discardableResult
    public func createPartition(
        topic: String, partition: Int32, settings: PartitionSettings
    ) throws(LogError) -> PartitionLog {
        let key = try PartitionKey(checking: topic, partition)
        try environment.freeSpace.admit(0)
        let created = try state.withLock { (state) throws(LogError) -> PartitionLog in
            guard !state.isClosed else { throw .closed }
            guard state.partitions[key] == nil else { throw .exists(key.directoryName) }
            for checkpoint in environment.checkpoints { try checkpoint.update { $0[key] = nil } }
            let path = topicsDirectory + "/" + key.directoryName
            try storing { () throws(SystemError) in try environment.fileSystem.createDirectory(path) }
            var recovery = PartitionRecovery(environment, key, path)
            let opened = try recovery.open(settings)
            try storing { () throws(SystemError) in
                try environment.fileSystem.syncDirectory(path)
                try environment.fileSystem.syncDirectory(topicsDirectory)
            }
            let made = PartitionLog(key, path, environment, opened)
            state.partitions[key] = made
            return made
        }
        care.partitions.withLock { $0.append(created) }
        return created
    }

    private static let deletedSuffix = "-delete"

    /// Deletes a partition with its records. Slices that readers hold stay readable.
    public func deletePartition(topic: String, partition: Int32) throws(LogError) {
        let key = try PartitionKey(checking: topic, partition)
        let gone =
            topicsDirectory + "/" + key.directoryName + "." + String(UInt64.random(in: .min ... .max), radix: 36)
            + Self.deletedSuffix
        let (found, waiters) = try state.withLock { (state) throws(LogError) -> (PartitionLog, [DurabilityWaiter]) in
            guard !state.isClosed else { throw .closed }
            guard let found = state.partitions[key] else { throw .deleted(key.directoryName) }
            try storing { () throws(SystemError) in try environment.fileSystem.rename(found.directory, to: gone) }
            state.partitions[key] = nil
            // Before anybody can make a partition of the same name: its files are no longer this one's.
            let waiters = found.detach(.deleted)
            // What this cannot remove, the next partition of the name or the next start does.
            for checkpoint in environment.checkpoints { try? checkpoint.update { $0[key] = nil } }
            return (found, waiters)
        }
        care.partitions.withLock { $0.removeAll { $0 === found } }
        found.answer(waiters, .deleted(key.directoryName))
        // Should this fail, the partition is gone for this process, and a crash may bring it back.
        try storing { () throws(SystemError) in try environment.fileSystem.syncDirectory(topicsDirectory) }
        do { try Self.removeTree(gone, environment.fileSystem) } catch {
            environment.log.warning("\(error); the next start removes the rest")
        }
    }

    private static func removeTree(_ path: String, _ fileSystem: any FileSystem) throws(SystemError) {
        for name in try fileSystem.list(path) { try fileSystem.remove(path + "/" + name) }
        try fileSystem.removeDirectory(path)
    }

    // MARK: - Work

    /// Syncs everything that was written so far.
    public func flush() throws(LogError) {
        for partition in partitions { try partition.flush() }
    }

    /// Applies retention, compacts, closes files that nobody reads, and writes the recovery points.
    public func runMaintenance() throws(LogError) {
        care.maintain()
        care.compact()
        care.scrub()
        try care.checkpoint()
        try care.saveDoubt()
    }

    /// The wall time by which what is old is deleted, ms since the epoch: a jump of the system's clock counts in it only
    /// after it has lasted.
    public var retentionMilliseconds: Int64 { care.now() }

    /// Bytes of old segments that were read since the log was opened to find damage.
    public var scrubbedBytes: Int64 { care.scrubbedBytes }

    /// What compactions have done since the log was opened.
    public var compactions: CompactionTotals { care.compactions.withLock { $0 } }

    /// Bytes free for new records, and bytes in all, on the file system of the data directory.
    public func freeSpace() throws(LogError) -> (free: Int64, total: Int64) {
        try storing { () throws(SystemError) in try environment.fileSystem.space(directory) }
    }

    /// Syncs everything, leaves the marker of a clean end, and lets go of the directory. Later calls throw `closed`.
    public func close() throws(LogError) {
        let threads = state.withLock { state -> [Thread]? in
            if state.isClosed { return nil }
            state.isClosed = true
            defer { state.threads = [] }
            return state.threads
        }
        guard let threads else { return }
        environment.flusher.stop()
        care.stop()
        for thread in threads { thread.join() }
        defer {
            state.withLock { state in
                state.lock?.unlock()
                state.lock = nil
            }
        }
        var first: LogError?
        for partition in partitions {
            do { try partition.close() } catch { first = first ?? error }
        }
        if let first { throw first }
        try care.checkpoint()
        try care.saveDoubt()
        try storing { () throws(SystemError) in
            try environment.fileSystem.replace(environment.cleanMarkerPath, with: [])
        }
    }
}
