import Glibc

/// A failed system call: what was tried, on what, and why it failed.
public struct SystemError: Error, Equatable, CustomStringConvertible {
    /// The C function, such as `open`.
    public let operation: String
    /// The path, address or name that it was called with.
    public let subject: String
    /// The value of `errno`.
    public let code: Int32

    /// The error of `operation` on `subject`, with the current `errno` unless another code is given.
    public init(_ operation: String, _ subject: String, code: Int32 = errno) {
        self.operation = operation
        self.subject = subject
        self.code = code
    }

    /// The system's text for the code, such as `No space left on device`.
    public var reason: String { String(cString: strerror(code)) }

    public var description: String { "\(operation) \(subject): \(reason)" }

    /// Whether the disk or a quota is full.
    public var isOutOfSpace: Bool { code == ENOSPC || code == EDQUOT }
    /// Whether the path does not exist.
    public var isNotFound: Bool { code == ENOENT }
}

/// Repeats a system call while a signal interrupts it (EINTR); returns its value, -1 with `errno` on any other failure.
@inlinable
public func retryingInterrupts<T: SignedInteger>(_ call: () -> T) -> T {
    while true {
        let value = call()
        if value != -1 || errno != EINTR { return value }
    }
}
