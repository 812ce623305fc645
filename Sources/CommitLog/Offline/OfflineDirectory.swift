import System

/// A data directory as a tool sees it that changes nothing: ours, one of Kafka's, or a single partition's directory.
///
/// Nothing is opened for writing, and no lock is kept: a broker may be at work on the same files.
public struct OfflineDirectory: Sendable {
    /// Whoever holds the directory at this moment.
    public struct Holder: Sendable, Equatable {
        /// The process that wrote its id into the lock file; nil when the file does not say.
        public let processID: Int32?
    }

    /// The directory that was named.
    public let path: String
    /// The partitions in it, by topic and number.
    public let partitions: [OfflinePartition]
    /// The running broker that writes there, if any.
    public let holder: Holder?

    /// Looks at what is in `path`. Throws when it is no directory.
    public init(_ path: String, fileSystem: any FileSystem = LocalFileSystem()) throws(LogError) {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.path = path
        let names = try storing { () throws(SystemError) in try fileSystem.list(path) }
        // Ours has the partitions in `topics`; who names that, or a single partition, means the directory above.
        let above = [path, Self.parent(path), Self.parent(Self.parent(path))]
        let home = above.first { fileSystem.exists($0 + "/lock") }
        holder = home.flatMap { Self.holder(of: $0, fileSystem: fileSystem) }
        let checkpoints = Checkpoints([path] + (home.map { [$0] } ?? [Self.parent(path)]), fileSystem)
        if names.contains(where: { SegmentFiles.base($0, ending: ".log") != nil }) {
            partitions = [try OfflinePartition(path, checkpoints, fileSystem)]
            return
        }
        let isOurs = names.contains("topics")
        let root = isOurs ? path + "/topics" : path
        let directories =
            isOurs ? try storing { () throws(SystemError) in try fileSystem.list(root) } : names
        var found: [OfflinePartition] = []
        for name in directories where PartitionKey(directoryName: name) != nil {
            // Kafka's directories hold files whose names could be a partition's.
            guard (try? fileSystem.list(root + "/" + name)) != nil else { continue }
            found.append(try OfflinePartition(root + "/" + name, checkpoints, fileSystem))
        }
        partitions = found.sorted { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
    }

    /// What the files beside the partitions say of them.
    struct Checkpoints {
        /// Everything below was synced.
        let synced: [PartitionKey: Int64]
        /// Compacted below.
        let cleaned: [PartitionKey: Int64]
        /// Records were deleted below; nil where that is not all written down, as in Kafka's directories.
        let starts: [PartitionKey: Int64]?

        /// Reads our files, or Kafka's, which have the same layout.
        init(_ directories: [String], _ fileSystem: any FileSystem) {
            func read(_ names: [String]) -> [PartitionKey: Int64] {
                for path in directories.flatMap({ directory in names.map { directory + "/" + $0 } }) {
                    let bytes = try? fileSystem.contents(path)
                    if let offsets = bytes.flatMap(Checkpoint.decode) { return offsets }
                }
                return [:]
            }
            synced = read(["recovery-point", "recovery-point-offset-checkpoint"])
            cleaned = read(["cleaner-offsets", "cleaner-offset-checkpoint"])
            let isOurs = directories.contains { fileSystem.exists($0 + "/recovery-point") }
            starts = isOurs ? read(["log-start-offsets"]) : nil
        }
    }

    private static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return path.isEmpty ? ".." : "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Whoever holds one of our data directories: asks for the lock, and gives it back at once.
    public static func holder(of directory: String, fileSystem: any FileSystem) -> Holder? {
        let path = directory + "/lock"
        guard fileSystem.exists(path), let file = try? fileSystem.open(path, .read) else { return nil }
        if (try? file.tryLock()) != false {
            file.unlock()
            return nil
        }
        let text = (try? fileSystem.contents(path, limit: 64)) ?? []
        return Holder(processID: Int32(String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)))
    }
}

/// One partition's directory, as a tool sees it.
public struct OfflinePartition: Sendable {
    /// The topic's name; the whole directory name when that is not a partition's.
    public let topic: String
    /// The partition's number; 0 when the name does not say.
    public let partition: Int32
    /// The directory.
    public let path: String
    /// The segments, by base offset.
    public let segments: [OfflineSegment]
    /// Files that are no part of the log: segments that a recovery set aside, rests of an interrupted cleaning.
    public let leftovers: [(name: String, bytes: Int64)]
    /// Everything below this offset was synced once; 0 when nobody wrote that down.
    public let syncedOffset: Int64
    /// Where the log must begin: records below were deleted; nil when nobody wrote that down.
    public let startOffset: Int64?
    /// Whether the partition was compacted, so that offsets may be missing between batches.
    public let mayHaveGaps: Bool

    /// A topic's partition in one of our data directories; nil when there is none.
    public static func find(
        _ topic: String, _ partition: Int32, in directory: String, fileSystem: any FileSystem
    ) throws(LogError) -> OfflinePartition? {
        let path = directory + "/topics/" + (try PartitionKey(checking: topic, partition)).directoryName
        guard fileSystem.exists(path) else { return nil }
        return try OfflinePartition(path, OfflineDirectory.Checkpoints([directory], fileSystem), fileSystem)
    }

    init(
        _ path: String, _ checkpoints: OfflineDirectory.Checkpoints, _ fileSystem: any FileSystem
    ) throws(LogError) {
        self.path = path
        let name = String(path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...])
        let key = PartitionKey(directoryName: name)
        topic = key?.topic ?? name
        partition = key?.partition ?? 0
        startOffset = key.flatMap { key in checkpoints.starts.map { $0[key] ?? 0 } }
        syncedOffset = key.flatMap { checkpoints.synced[$0] } ?? 0
        mayHaveGaps = key.map { checkpoints.cleaned[$0] != nil } ?? true
        let names = try storing { () throws(SystemError) in try fileSystem.list(path) }
        var segments: [OfflineSegment] = []
        var leftovers: [(name: String, bytes: Int64)] = []
        for name in names {
            let file = path + "/" + name
            if SegmentFiles.base(name, ending: ".log") != nil {
                segments.append(try OfflineSegment(file, fileSystem: fileSystem))
            } else if [".cut", ".cleaned", ".swap", ".deleted"].contains(where: { name.hasSuffix($0) }) {
                let size = try storing { () throws(SystemError) in try fileSystem.open(file, .read).size() }
                leftovers.append((name, size))
            }
        }
        self.segments = segments.sorted { $0.baseOffset < $1.baseOffset }
        self.leftovers = leftovers
    }
}

/// One log file with its indexes, as a tool sees it.
public struct OfflineSegment: Sendable {
    /// The `.log` file.
    public let path: String
    /// The offset that its name says.
    public let baseOffset: Int64
    /// Bytes of the log file.
    public let bytes: Int64
    /// Bytes of the offset index; nil when there is none.
    public let offsetIndexBytes: Int64?
    /// Bytes of the time index; nil when there is none.
    public let timeIndexBytes: Int64?
    /// When the log file last changed, ms since the epoch.
    public let modifiedMilliseconds: Int64

    let fileSystem: any FileSystem

    /// The segment whose log file is at `path`; throws `metadata` for another name.
    public init(_ path: String, fileSystem: any FileSystem = LocalFileSystem()) throws(LogError) {
        let name = String(path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...])
        guard let base = SegmentFiles.base(name, ending: ".log") else {
            throw .metadata(path: path, reason: "not a log file: its name is 20 digits and .log")
        }
        self.path = path
        self.fileSystem = fileSystem
        baseOffset = base
        let stem = String(path.dropLast(".log".count))
        (bytes, modifiedMilliseconds) = try storing { () throws(SystemError) in
            let file = try fileSystem.open(path, .read)
            return (try file.size(), try file.modifiedMilliseconds())
        }
        offsetIndexBytes = Self.size(stem + ".index", fileSystem)
        timeIndexBytes = Self.size(stem + ".timeindex", fileSystem)
    }

    private static func size(_ path: String, _ fileSystem: any FileSystem) -> Int64? {
        guard fileSystem.exists(path) else { return nil }
        return try? fileSystem.open(path, .read).size()
    }

    /// The offset behind the last intact batch; damage in the segment is stepped over.
    public func nextOffset() throws(LogError) -> Int64 {
        var scan = try OfflineScan(self)
        while try scan.next() != nil {}
        return scan.expectedOffset
    }

    /// The topic that the name of its directory says; nil when that is not a partition's.
    public var topic: String? {
        let folders = path.split(separator: "/")
        return folders.count < 2 ? nil : PartitionKey(directoryName: String(folders[folders.count - 2]))?.topic
    }

    /// The path of another of the segment's files, such as `.index`.
    func path(_ ending: String) -> String { String(path.dropLast(".log".count)) + ending }
}
