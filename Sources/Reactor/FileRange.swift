import System

/// A stretch of a file that a connection sends with `sendfile`, keeping the file open until then.
public struct FileRange: Sendable {
    /// The file.
    public let file: any File
    /// The first byte.
    public var position: Int64
    /// How many bytes.
    public var count: Int

    /// The `count` bytes of `file` from `position` on.
    public init(file: any File, position: Int64, count: Int) {
        precondition(position >= 0 && count >= 0)
        self.file = file
        self.position = position
        self.count = count
    }
}
