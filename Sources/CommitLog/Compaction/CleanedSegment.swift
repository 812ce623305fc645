import RecordBatch
import System

/// The file that takes the place of a group of segments: written beside them, synced, then put in their place.
///
/// ```
/// <base>.log.cleaned   being written; removed by a start that finds it
/// <base>.log.swap      complete: a start that finds it removes the segments that it replaces, and renames it to .log
/// ```
struct CleanedSegment: ~Copyable {
    static let cleanedEnding = ".log.cleaned"
    static let swapEnding = ".log.swap"
    private static let bufferBytes = 1 << 20

    private let log: PartitionLog
    private let group: [CompactionPlan.Source]
    private let stem: String
    private let file: any File
    private var buffer: [UInt8] = []
    /// Bytes so far.
    private(set) var size: Int64 = 0
    /// Whether it differs from the segments that it was made of.
    var isChanged: Bool

    /// An empty file in place of `group`.
    init(_ log: PartitionLog, _ group: [CompactionPlan.Source]) throws(LogError) {
        self.log = log
        self.group = group
        isChanged = group.count > 1
        stem = SegmentFiles.stem(log.directory, group[0].base)
        let path = stem + Self.cleanedEnding
        let fileSystem = log.environment.fileSystem
        let needed = group.reduce(0) { $0 + $1.size }
        let free = try storing { () throws(SystemError) in try fileSystem.space(log.directory).free }
        guard free > needed else {
            throw .storageFull(path: log.directory, freeBytes: free, minimumFreeBytes: needed)
        }
        file = try storing { () throws(SystemError) in
            if fileSystem.exists(path) { try fileSystem.remove(path) }
            return try fileSystem.open(path, .createNew)
        }
    }

    /// Adds a whole batch.
    mutating func append(_ batch: UnsafeRawBufferPointer) throws(LogError) {
        guard size + Int64(batch.count) <= Int64(PartitionSettings.segmentBytesMax) else {
            throw .limit("bytes in a compacted segment of \(log.name)")
        }
        if buffer.count + batch.count > Self.bufferBytes { try flush() }
        if batch.count > Self.bufferBytes {
            let (file, size) = (file, size)
            try storing { () throws(SystemError) in try file.write(batch, at: size) }
        } else {
            buffer.append(contentsOf: batch)
        }
        size += Int64(batch.count)
    }

    private mutating func flush() throws(LogError) {
        guard !buffer.isEmpty else { return }
        let (file, position) = (file, size - Int64(buffer.count))
        try buffer.withUnsafeBufferPointer { (raw) throws(LogError) in
            try storing { () throws(SystemError) in try file.write(UnsafeRawBufferPointer(raw), at: position) }
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Puts the file in the place of its group; when nothing changed, leaves the group as it is.
    mutating func finish() throws(LogError) {
        guard isChanged else { return abandon() }
        try flush()
        let (file, group, log, stem, size) = (file, group, log, stem, size)
        // Retention goes on counting from when the records came.
        let modified = group.reduce(0) { max($0, $1.modifiedMilliseconds) }
        try storing { () throws(SystemError) in
            try file.setModified(milliseconds: modified)
            try file.syncData()
        }
        try log.replace(group, size: size, modified: modified, stem: stem)
    }

    /// Removes the file.
    func abandon() {
        try? log.environment.fileSystem.remove(stem + Self.cleanedEnding)
    }
}
