import RecordBatch
import System

/// A walk over all batches of a segment with checksums, which goes on behind damage.
///
/// Memory is bounded, whatever lengths the bytes claim.
public struct OfflineScan: ~Copyable {
    /// What lies at a place of the file.
    public enum Item: Sendable {
        /// An intact batch.
        case batch(RecordBatchHeader, position: Int64)
        /// Bytes up to the next intact batch, or up to the end when `nextOffset` is nil.
        case damage(position: Int64, bytes: Int64, firstOffset: Int64, nextOffset: Int64?)
    }

    private let file: any File
    private let size: Int64
    private var walker: BatchWalker

    /// A walk from the start of `segment`, as long as the file is now.
    ///
    /// - Parameter synced: below this offset everything was synced, by whole batches.
    public init(_ segment: OfflineSegment, synced: Int64 = 0) throws(LogError) {
        file = try storing { () throws(SystemError) in try segment.fileSystem.open(segment.path, .read) }
        size = segment.bytes
        walker = BatchWalker(
            file, from: 0, to: size, expected: segment.baseOffset, boundary: synced, checksums: true)
    }

    /// The offset that comes next at the least.
    public var expectedOffset: Int64 { walker.expected }

    /// The next item; nil at the end.
    public mutating func next() throws(LogError) -> Item? {
        switch try walker.next() {
        case .batch(let header, let position): return .batch(header, position: position)
        case .end: return nil
        case .bad(let position):
            let first = walker.expected
            let found = try BatchWalker.intact(
                file, behind: position, to: size, expected: first, limit: first + Int64(Int32.max))
            walker.resume(at: found?.position ?? size, expected: found?.offset ?? first)
            return .damage(
                position: position, bytes: (found?.position ?? size) - position, firstOffset: first,
                nextOffset: found?.offset)
        }
    }

    /// The whole bytes of a batch that this walk gave.
    public func bytes(_ header: RecordBatchHeader, at position: Int64) throws(LogError) -> [UInt8] {
        try LogSlice.batch(file, header, at: position).bytes()
    }
}
