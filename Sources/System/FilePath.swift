import Glibc

/// Paths as text.
public enum FilePath {
    /// The absolute path of a file or directory, without links; the path itself when it does not exist.
    public static func absolute(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
