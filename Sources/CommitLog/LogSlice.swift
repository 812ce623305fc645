import RecordBatch
import System

/// A range of one log file that holds whole batches.
///
/// It keeps the file open, so that it stays readable when retention deletes the file.
public struct LogSlice: Sendable {
    /// The file, for `sendfile` or reading.
    public let file: any File
    /// Where the range begins, in bytes from the start of the file.
    public let position: Int64
    /// How many bytes.
    public let count: Int
    /// The offset of the first record of the first batch; what was asked for when the slice is empty.
    public let baseOffset: Int64
    /// At or behind the offset after the last record: where transactions that concern the slice begin before.
    public let offsetLimit: Int64

    /// The whole batch with this header.
    static func batch(_ file: any File, _ header: RecordBatchHeader, at position: Int64) -> LogSlice {
        LogSlice(
            file: file, position: position, count: header.totalBytes, baseOffset: header.baseOffset,
            offsetLimit: header.lastOffset + 1)
    }

    /// Nothing at `offset`.
    static func empty(_ file: any File, at offset: Int64) -> LogSlice {
        LogSlice(file: file, position: 0, count: 0, baseOffset: offset, offsetLimit: offset)
    }

    /// Whether there is nothing to read.
    public var isEmpty: Bool { count == 0 }

    /// A copy of the bytes.
    public func bytes() throws(LogError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try bytes.withUnsafeMutableBufferPointer { (raw) throws(LogError) in
            try read(into: UnsafeMutableRawBufferPointer(raw))
        }
        return bytes
    }

    /// Reads the bytes into `target`, which must have room for `count` of them.
    public func read(into target: UnsafeMutableRawBufferPointer) throws(LogError) {
        precondition(target.count >= count)
        let room = UnsafeMutableRawBufferPointer(rebasing: target[..<count])
        let done: Int
        do { done = try file.read(into: room, at: position) } catch { throw .storage(error) }
        guard done == count else { throw .corrupt(path: file.path, first: baseOffset, next: baseOffset + 1) }
    }
}
