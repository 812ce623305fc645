import CHDF5

/// Why an operation on a NeXus file failed: what was tried, in which file, on which object, and HDF5's own words.
public struct NexusError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure that callers tell apart.
    public enum Code: Sendable, Equatable {
        /// No such file, group, dataset or attribute.
        case notFound
        /// There is one of that name already.
        case exists
        /// The object holds something else than was asked for.
        case wrongType
        /// The range, shape or name is not allowed, or larger than the caller takes.
        case invalid
        /// The data lie in another file, which is never followed.
        case outside
        /// The library or the disk failed.
        case library
    }

    /// The kind of failure.
    public let code: Code
    /// What was tried, such as `write`.
    public let operation: String
    /// The file.
    public let file: String
    /// The object's path in the file; empty for the file itself.
    public let path: String
    /// The cause in words.
    public let reason: String

    /// A failure with its cause.
    public init(_ code: Code, _ operation: String, file: String, path: String = "", _ reason: String) {
        self.code = code
        self.operation = operation
        self.file = file
        self.path = path
        self.reason = reason
    }

    /// The failure that the library has just reported on this thread.
    static func library(
        _ operation: String, file: String, path: String = "", code: Code = .library
    ) -> NexusError {
        var text = nx_error_text()
        nx_take_error(&text)
        let outermost = Self.string(&text.outermost), innermost = Self.string(&text.innermost)
        let words = [outermost, essence(innermost)].filter { !$0.isEmpty }.joined(separator: ": ")
        return NexusError(code, operation, file: file, path: path, words.isEmpty ? "HDF5 gave no reason" : words)
    }

    /// The system's words out of a description such as `… errno = 28, error message = 'No space left on device', buf = …`;
    /// the whole description where there are none.
    private static func essence(_ description: String) -> String {
        let mark = "error message = '"
        var rest = description[...]
        while !rest.isEmpty {
            if rest.hasPrefix(mark) { return String(rest.dropFirst(mark.count).prefix { $0 != "'" }) }
            rest = rest.dropFirst()
        }
        return description
    }

    private static func string<T>(_ characters: inout T) -> String {
        withUnsafeBytes(of: &characters) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    public var description: String {
        path.isEmpty ? "\(operation) \(file): \(reason)" : "\(operation) \(path) in \(file): \(reason)"
    }
}
