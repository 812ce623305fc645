import Glibc

/// An open file descriptor that is closed when its owner lets go of it.
public struct FileDescriptor: ~Copyable, Sendable {
    /// The descriptor's number.
    public let raw: Int32

    /// Takes over an open descriptor.
    public init(owning raw: Int32) {
        precondition(raw >= 0)
        self.raw = raw
    }

    deinit {
        Glibc.close(raw)
    }

    /// Hands the descriptor over to the caller, who must close it.
    public consuming func release() -> Int32 {
        let raw = self.raw
        discard self
        return raw
    }
}
