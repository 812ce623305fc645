import CommitLog
import RecordBatch
import System

/// Memory into which ranges of the log are read, to step through their records.
///
/// It grows to the largest batch met and shrinks again, so that one large message does not stay in memory for ever.
struct SliceBuffer: ~Copyable {
    /// Memory that is kept between calls, bytes.
    private static let keptBytesMax = 4 << 20

    private var bytes: UnsafeMutableRawBufferPointer
    private var reader = RecordBatchReader()

    /// An empty buffer.
    init() {
        bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    deinit { bytes.deallocate() }

    /// Reads `slice` and calls `body` for each record from `offset` on until it answers false; returns the offset to
    /// continue with. A damaged batch throws `corrupt`, which says where reading can go on.
    ///
    /// - Parameter aborted: transactions whose records are left out.
    mutating func read(
        _ slice: LogSlice, from offset: Int64, aborted: [AbortedTransaction] = [], _ body: (Record) -> Bool
    ) throws(LogError) -> Int64 {
        reserve(slice.count)
        let target = UnsafeMutableRawBufferPointer(rebasing: bytes[..<slice.count])
        try slice.read(into: target)
        do throws(RecordBatchError) {
            try reader.read(UnsafeRawBufferPointer(target), from: offset, aborted: aborted, body)
        } catch {
            throw .corrupt(path: slice.file.path, first: offset, next: max(reader.nextOffset, offset + 1))
        }
        return reader.nextOffset
    }

    private mutating func reserve(_ count: Int) {
        let isTooLarge = bytes.count > Self.keptBytesMax && count <= Self.keptBytesMax
        guard bytes.count < count || isTooLarge else { return }
        bytes.deallocate()
        bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 64 << 10), alignment: 16)
    }
}
