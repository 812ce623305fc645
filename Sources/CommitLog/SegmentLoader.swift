import RecordBatch
import System

/// Opens a segment and makes its indexes complete, whatever state their files are in.
struct SegmentLoader {
    struct Loaded: Sendable {
        var files: SegmentFiles
        var index: SegmentIndex
    }

    /// No index is larger; a file that is, is none.
    private static let indexBytesMax: Int64 = 256 << 20

    private let fileSystem: any FileSystem
    private let directory: String
    private let interval: Int

    init(_ fileSystem: any FileSystem, _ directory: String, _ indexIntervalBytes: Int) {
        self.fileSystem = fileSystem
        self.directory = directory
        interval = indexIntervalBytes
    }

    /// Opens the log alone, for reading, or for appending when it is active.
    func openLog(base: Int64, isActive: Bool = false) throws(LogError) -> any File {
        try storing { () throws(SystemError) in
            try fileSystem.open(SegmentFiles.stem(directory, base) + ".log", isActive ? .readWrite : .read)
        }
    }

    /// Opens whatever index files there are beside a log.
    func open(base: Int64, log: any File) -> SegmentFiles {
        let stem = SegmentFiles.stem(directory, base)
        return SegmentFiles(
            log: log, offsets: try? fileSystem.open(stem + ".index", .readWrite),
            times: try? fileSystem.open(stem + ".timeindex", .readWrite))
    }

    /// A view for finding offsets in a segment whose index was not checked: good enough where every answer is checked
    /// against the log.
    func rawView(base: Int64, log: any File, size: Int64, damage: [DamagedRange]) -> SegmentView {
        let offsets = try? fileSystem.open(SegmentFiles.stem(directory, base) + ".index", .read)
        let bytes = (try? offsets?.size()) ?? 0
        return SegmentView(
            base: base, files: SegmentFiles(log: log, offsets: offsets, times: nil), end: size,
            limit: LogPosition(offset: .max, segmentBase: base, position: size), offsetLimit: .max,
            offsetCount: Int(bytes) / SegmentIndex.OffsetEntry.size, timeCount: 0, pendingOffsets: [],
            pendingTimes: [], damage: damage, checked: .none)
    }

    /// Opens the segment, keeps the entries that agree with the log, and adds those that are missing.
    ///
    /// - Parameter log: the segment's log; for the active one open for appending.
    func load(
        base: Int64, log: any File, size: Int64, damage: [DamagedRange], isActive: Bool
    ) throws(LogError) -> Loaded {
        let files = open(base: base, log: log)
        guard size > 0 else { return Loaded(files: files, index: cutting(files, 0, 0, SegmentIndex())) }
        let offsets = IndexFile.offsetEntries(contents(files.offsets), base: base, size: size)
        let times = IndexFile.timeEntries(contents(files.times), base: base)
        var kept = SegmentIndex()
        var start: Int64 = 0
        if let last = offsets.last, try agrees(last, files, base, size, damage) {
            let found = try place(of: times.last, offsets, files, base, size, damage)
            kept = SegmentIndex(
                offsetCount: offsets.count, lastOffset: last, timeCount: found == nil ? 0 : times.count,
                lastTime: found == nil ? nil : times.last)
            start = min(found ?? 0, last.position)
        }
        var loaded = Loaded(files: files, index: cutting(files, kept.offsetCount, kept.timeCount, kept))
        var walker = BatchWalker(files.log, from: start, to: size, expected: base, skipping: damage)
        walk: while true {
            switch try walker.next() {
            case .batch(let header, let position):
                loaded.index.note(header, position: position, interval: interval)
                if loaded.index.isFull { write(&loaded, base) }
            case .bad(let position):
                // Damage that nobody knew of: what lies behind it is still looked for, by time too.
                let next = try BatchWalker.intact(
                    files.log, behind: position, to: size, expected: walker.expected, limit: .max)
                guard let next else { break walk }
                walker.resume(at: next.position, expected: next.offset)
            case .end: break walk
            }
        }
        // The entries of the active segment wait for more: making files takes the most time of a start.
        guard !isActive else { return loaded }
        loaded.index.finish()
        write(&loaded, base)
        return loaded
    }

    private func contents(_ file: (any File)?) -> [UInt8] {
        guard let file, let size = try? file.size(), size > 0, size <= Self.indexBytesMax else { return [] }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        let count = try? bytes.withUnsafeMutableBufferPointer { (raw) throws(SystemError) -> Int in
            try file.read(into: UnsafeMutableRawBufferPointer(raw), at: 0)
        }
        return Array(bytes.prefix(count ?? 0))
    }

    /// Removes what is behind the entries that are kept.
    private func cutting(
        _ files: SegmentFiles, _ offsets: Int, _ times: Int, _ index: SegmentIndex
    ) -> SegmentIndex {
        cut(files.offsets, to: Int64(offsets * SegmentIndex.OffsetEntry.size))
        cut(files.times, to: Int64(times * SegmentIndex.TimeEntry.size))
        return index
    }

    /// Sets a file's length; one that has it is spared the journal's work.
    private func cut(_ file: (any File)?, to size: Int64) {
        guard let file, (try? file.size()) != size else { return }
        try? file.truncate(to: size)
    }

    private func agrees(
        _ entry: SegmentIndex.OffsetEntry, _ files: SegmentFiles, _ base: Int64, _ size: Int64,
        _ damage: [DamagedRange]
    ) throws(LogError) -> Bool {
        var walker = BatchWalker(files.log, from: entry.position, to: size, expected: base, skipping: damage)
        guard case .batch(let header, _) = try walker.next() else { return false }
        return header.lastOffset == entry.lastOffset
    }

    /// Where the batch of the last time entry begins; nil when the entry does not agree with the log.
    private func place(
        of entry: SegmentIndex.TimeEntry?, _ offsets: [SegmentIndex.OffsetEntry], _ files: SegmentFiles,
        _ base: Int64, _ size: Int64, _ damage: [DamagedRange]
    ) throws(LogError) -> Int64? {
        guard let entry else { return nil }
        let before = offsets.last { $0.lastOffset <= entry.lastOffset }
        var walker = BatchWalker(
            files.log, from: before?.position ?? 0, to: size, expected: base, skipping: damage)
        while case .batch(let header, let position) = try walker.next(), header.lastOffset <= entry.lastOffset {
            if header.lastOffset == entry.lastOffset { return header.maxTimestamp == entry.timestamp ? position : nil }
        }
        return nil
    }

    private func write(_ loaded: inout Loaded, _ base: Int64) {
        guard loaded.index.hasPending else { return }
        let stem = SegmentFiles.stem(directory, base)
        guard let offsets = loaded.files.offsets ?? (try? fileSystem.open(stem + ".index", .create)),
            let times = loaded.files.times ?? (try? fileSystem.open(stem + ".timeindex", .create))
        else {
            loaded.index.dropPending()
            return
        }
        loaded.files = SegmentFiles(log: loaded.files.log, offsets: offsets, times: times)
        loaded.index.write(offsets: offsets, times: times, base: base)
    }
}
