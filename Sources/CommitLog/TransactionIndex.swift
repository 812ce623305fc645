import Bytes
import CKernels
import Glibc
import System

/// The aborted transactions whose markers lie in one segment.
///
/// Layout of `.txnindex`, big-endian, 34 bytes an entry in the order of the markers, as Kafka's `TransactionIndex`:
/// ```
/// int16 version (0)   int64 producer id   int64 first offset   int64 offset of the marker
/// int64 last stable offset: no transaction that ended later began below it
/// ```
/// The file is a hint: a snapshot of the producers' state says how many entries it has and what their checksum is, and
/// what does not agree is read from the log again.
struct TransactionIndex: Sendable, Equatable {
    /// One aborted transaction.
    struct Entry: Sendable, Equatable {
        static let size = 34

        let producerID: Int64
        let firstOffset: Int64
        /// The marker's offset.
        let lastOffset: Int64
        let lastStableOffset: Int64
    }

    static let ending = ".txnindex"
    /// As many entries may wait to be written while the file cannot be; then nothing is aborted any more.
    static let pendingMax = 65_536
    /// Entries that are read at a time.
    private static let windowEntries = 256

    /// Entries in the file, and their CRC-32C.
    private(set) var count = 0
    private(set) var crc: UInt32 = 0
    /// Entries behind those, which could not be written yet.
    private(set) var pending: [Entry] = []

    var isEmpty: Bool { count == 0 && pending.isEmpty }

    /// No entries.
    init() {}

    /// An index whose file holds `count` entries.
    init(count: Int, crc: UInt32) {
        self.count = count
        self.crc = crc
    }

    // MARK: - Writing

    /// Adds an entry; `write` brings it to the file.
    mutating func add(_ entry: Entry) { pending.append(entry) }

    /// Writes the entries that wait.
    mutating func write(_ fileSystem: any FileSystem, _ path: String) throws(SystemError) {
        guard !pending.isEmpty else { return }
        var bytes = ByteWriter(capacity: pending.count * Entry.size)
        for entry in pending { Self.encode(entry, &bytes) }
        let file = try fileSystem.open(path, .create)
        let position = Int64(count * Entry.size)
        try bytes.withBytes { (raw) throws(SystemError) in try file.write(raw, at: position) }
        crc = bytes.withBytes { ck_crc32c(crc, $0.baseAddress!, $0.count) }
        count += pending.count
        pending = []
    }

    private static func encode(_ entry: Entry, _ bytes: inout ByteWriter) {
        bytes.int16(0)
        bytes.int64(entry.producerID)
        bytes.int64(entry.firstOffset)
        bytes.int64(entry.lastOffset)
        bytes.int64(entry.lastStableOffset)
    }

    // MARK: - Reading

    /// Whether a file holds these entries, and maybe others behind them.
    func agrees(with file: any File) throws(SystemError) -> Bool {
        guard try file.size() >= Int64(count * Entry.size) else { return false }
        var bytes = [UInt8](repeating: 0, count: min(count, Self.windowEntries) * Entry.size)
        var found: UInt32 = 0
        for first in stride(from: 0, to: count, by: Self.windowEntries) {
            let wanted = min(count - first, Self.windowEntries) * Entry.size
            let read = try bytes.withUnsafeMutableBufferPointer { (raw) throws(SystemError) in
                try file.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(raw)[..<wanted]),
                    at: Int64(first * Entry.size))
            }
            guard read == wanted else { return false }
            found = bytes.withUnsafeBytes { ck_crc32c(found, $0.baseAddress!, wanted) }
        }
        return found == crc
    }

    /// Calls `body` for the entries whose marker is at `offset` or behind it, in order, until it answers false.
    ///
    /// - Returns: whether `body` wanted more.
    func forEach(
        from offset: Int64, _ file: (any File)?, _ body: (Entry) -> Bool
    ) throws(SystemError) -> Bool {
        if let file, count > 0 {
            var window = EntryWindow(file)
            var index = try window.firstIndex(from: offset, count: count)
            while index < count {
                guard body(try window.entry(index, count: count)) else { return false }
                index += 1
            }
        }
        for entry in pending where entry.lastOffset >= offset {
            guard body(entry) else { return false }
        }
        return true
    }

    /// Some entries of a file in memory.
    private struct EntryWindow {
        private let file: any File
        private var bytes: [UInt8] = []
        private var first = 0

        init(_ file: any File) { self.file = file }

        /// The first entry whose marker is at `offset` or behind it; `count` when there is none.
        mutating func firstIndex(from offset: Int64, count: Int) throws(SystemError) -> Int {
            var low = 0
            var high = count
            while low < high {
                let middle = (low + high) / 2
                if try entry(middle, count: middle + 1).lastOffset < offset { low = middle + 1 } else { high = middle }
            }
            return low
        }

        mutating func entry(_ index: Int, count: Int) throws(SystemError) -> Entry {
            if index < first || (index - first + 1) * Entry.size > bytes.count {
                let wanted = min(count - index, TransactionIndex.windowEntries) * Entry.size
                bytes = [UInt8](repeating: 0, count: wanted)
                first = index
                let read = try bytes.withUnsafeMutableBufferPointer { (raw) throws(SystemError) in
                    try file.read(into: UnsafeMutableRawBufferPointer(raw), at: Int64(index * Entry.size))
                }
                guard read == wanted else { throw SystemError("read", file.path, code: EIO) }
            }
            let start = (index - first) * Entry.size
            return bytes.withUnsafeBytes { raw in
                func number(_ position: Int) -> Int64 {
                    Int64(bigEndian: raw.loadUnaligned(fromByteOffset: start + position, as: Int64.self))
                }
                return Entry(
                    producerID: number(2), firstOffset: number(10), lastOffset: number(18), lastStableOffset: number(26)
                )
            }
        }
    }
}
