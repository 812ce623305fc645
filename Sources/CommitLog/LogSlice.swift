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
