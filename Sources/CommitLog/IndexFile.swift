import System

/// Reads the entries of an index file; every answer is a hint that the caller checks against the log.
struct IndexFile: Sendable {
    private static let windowEntries = 256

    private let file: any File
    private let entrySize: Int
    /// How many entries count.
    let count: Int

    /// The first `count` entries of `file`.
    init(_ file: any File, entrySize: Int, count: Int) {
        self.file = file
        self.entrySize = entrySize
        self.count = count
    }

    /// The last entry for which `isBefore` holds (it holds for none, or for all up to some entry); nil for none.
    private func last(where isBefore: (UnsafeRawBufferPointer) -> Bool) -> [UInt8]? {
        var low = 0
        var high = count
        var window = [UInt8](repeating: 0, count: min(count, Self.windowEntries) * entrySize)
        while high - low > Self.windowEntries {
            let middle = (low + high) / 2
            guard load(&window, middle, 1) else { return nil }
            if window.withUnsafeBytes({ isBefore(UnsafeRawBufferPointer(rebasing: $0[..<entrySize])) }) {
                low = middle
            } else {
                high = middle
            }
        }
        guard high > low, load(&window, low, high - low) else { return nil }
        var found: Int?
        for index in 0..<(high - low) {
            let start = index * entrySize
            let holds = window.withUnsafeBytes {
                isBefore(UnsafeRawBufferPointer(rebasing: $0[start..<start + entrySize]))
            }
            guard holds else { break }
            found = start
        }
        return found.map { Array(window[$0..<$0 + entrySize]) }
    }

    private func load(_ window: inout [UInt8], _ index: Int, _ entries: Int) -> Bool {
        let bytes = entries * entrySize
        let read = try? window.withUnsafeMutableBufferPointer { (raw) throws(SystemError) in
            try file.read(
                into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(raw)[..<bytes]),
                at: Int64(index * entrySize))
        }
        return read == bytes
    }

    // MARK: - Offset index

    /// The last entry whose offset is at most `offset`.
    func offsetEntry(atMost offset: Int64, base: Int64) -> SegmentIndex.OffsetEntry? {
        last { Self.offsetEntry($0, base).lastOffset <= offset }
            .map { $0.withUnsafeBytes { Self.offsetEntry($0, base) } }
    }

    /// The last entry whose batch begins at or before `position`.
    func offsetEntry(positionAtMost position: Int64, base: Int64) -> SegmentIndex.OffsetEntry? {
        last { Self.offsetEntry($0, base).position <= position }
            .map { $0.withUnsafeBytes { Self.offsetEntry($0, base) } }
    }

    /// The last entry whose timestamp is less than `timestamp`.
    func timeEntry(before timestamp: Int64, base: Int64) -> SegmentIndex.TimeEntry? {
        last { Self.timeEntry($0, base).timestamp < timestamp }
            .map { $0.withUnsafeBytes { Self.timeEntry($0, base) } }
    }

    /// The entries of an offset index up to the first that cannot be: offsets and positions grow and lie in the segment.
    static func offsetEntries(_ bytes: [UInt8], base: Int64, size: Int64) -> [SegmentIndex.OffsetEntry] {
        var entries: [SegmentIndex.OffsetEntry] = []
        entries.reserveCapacity(bytes.count / SegmentIndex.OffsetEntry.size)
        bytes.withUnsafeBytes { raw in
            for start in stride(from: 0, through: raw.count - 8, by: 8) {
                let entry = offsetEntry(UnsafeRawBufferPointer(rebasing: raw[start..<start + 8]), base)
                guard entry.lastOffset > entries.last?.lastOffset ?? base - 1,
                    entry.position > entries.last?.position ?? -1, entry.position < size
                else { return }
                entries.append(entry)
            }
        }
        return entries
    }

    /// The entries of a time index up to the first that cannot be: timestamps grow, offsets grow.
    static func timeEntries(_ bytes: [UInt8], base: Int64) -> [SegmentIndex.TimeEntry] {
        var entries: [SegmentIndex.TimeEntry] = []
        bytes.withUnsafeBytes { raw in
            for start in stride(from: 0, through: raw.count - 12, by: 12) {
                let entry = timeEntry(UnsafeRawBufferPointer(rebasing: raw[start..<start + 12]), base)
                guard entry.timestamp > entries.last?.timestamp ?? -1,
                    entry.lastOffset > entries.last?.lastOffset ?? base - 1
                else { return }
                entries.append(entry)
            }
        }
        return entries
    }

    private static func offsetEntry(_ bytes: UnsafeRawBufferPointer, _ base: Int64) -> SegmentIndex.OffsetEntry {
        SegmentIndex.OffsetEntry(
            lastOffset: base + Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self))),
            position: Int64(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: Int32.self))))
    }

    private static func timeEntry(_ bytes: UnsafeRawBufferPointer, _ base: Int64) -> SegmentIndex.TimeEntry {
        SegmentIndex.TimeEntry(
            timestamp: Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)),
            lastOffset: base + Int64(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int32.self))))
    }
}
