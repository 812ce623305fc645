import CLinux
import Glibc

/// An open directory: names are looked up in the directory itself, whatever happens to the path that led to it.
///
/// `below` never leaves it, neither by `..` nor by a symbolic link, which is what makes names from outside safe to use.
public final class Directory: Sendable {
    /// The path that it was opened with.
    public let path: String
    private let owned: FileDescriptor

    /// Opens the directory at a path, following symbolic links.
    public convenience init(_ path: String) throws(SystemError) {
        let raw = retryingInterrupts { cl_open(path, O_RDONLY | O_DIRECTORY, 0) }
        guard raw >= 0 else { throw SystemError("open", path) }
        self.init(path, FileDescriptor(owning: raw))
    }

    private init(_ path: String, _ descriptor: consuming FileDescriptor) {
        self.path = path
        owned = descriptor
    }

    /// Opens the directory at a relative path, made where missing; EXDEV or ELOOP when it would lead elsewhere.
    /// The C function is `openat2` with `RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS`.
    public func below(_ relative: String, create: Bool = false) throws(SystemError) -> Directory {
        var prefix = ""
        for part in relative.split(separator: "/") where create {
            let parent = prefix.isEmpty ? self : try below(prefix)
            guard mkdirat(parent.owned.raw, String(part), 0o755) == 0 || errno == EEXIST else {
                throw SystemError("mkdir", "\(parent.path)/\(part)")
            }
            prefix += (prefix.isEmpty ? "" : "/") + part
        }
        let raw = retryingInterrupts { cl_open_beneath(owned.raw, relative, O_RDONLY | O_DIRECTORY, 0) }
        guard raw >= 0 else { throw SystemError("open", "\(path)/\(relative)") }
        return Directory("\(path)/\(relative)", FileDescriptor(owning: raw))
    }

    /// A path to `name` that stays valid when the directory is moved (through `/proc/self/fd`), for libraries that take
    /// nothing else. Not to be shown to people.
    public func stablePath(_ name: String) -> String {
        precondition(Self.isName(name))
        return "/proc/self/fd/\(owned.raw)/\(name)"
    }

    /// Whether something of this name is there; a symbolic link counts, wherever it leads.
    public func contains(_ name: String) -> Bool {
        precondition(Self.isName(name))
        var status = stat()
        return fstatat(owned.raw, name, &status, AT_SYMLINK_NOFOLLOW) == 0
    }

    /// Removes a file. The C function is `unlinkat`.
    public func remove(_ name: String) throws(SystemError) {
        precondition(Self.isName(name))
        guard unlinkat(owned.raw, name, 0) == 0 else { throw SystemError("unlink", "\(path)/\(name)") }
    }

    /// Renames a file; EEXIST when there is something of the new name, which is never replaced.
    /// The C function is `renameat2` with `RENAME_NOREPLACE`.
    public func renameWithoutReplacing(_ source: String, to target: String) throws(SystemError) {
        precondition(Self.isName(source) && Self.isName(target))
        if cl_rename_exclusive(owned.raw, source, target) == 0 { return }
        let subject = "\(path)/\(source) to \(target)"
        guard errno == EINVAL || errno == ENOSYS else { throw SystemError("rename", subject) }
        // A file system without that flag: the check and the rename are two steps.
        guard !contains(target) else { throw SystemError("rename", subject, code: EEXIST) }
        guard renameat(owned.raw, source, owned.raw, target) == 0 else { throw SystemError("rename", subject) }
    }

    /// Sets a file's permission bits. The C function is `fchmodat`.
    public func setMode(_ name: String, _ mode: UInt32) throws(SystemError) {
        precondition(Self.isName(name))
        guard fchmodat(owned.raw, name, mode, 0) == 0 else { throw SystemError("chmod", "\(path)/\(name)") }
    }

    /// Waits until a file's contents are on the disk. The C function is `fsync`.
    public func sync(_ name: String) throws(SystemError) {
        precondition(Self.isName(name))
        let raw = retryingInterrupts { cl_open_beneath(owned.raw, name, O_RDONLY, 0) }
        guard raw >= 0 else { throw SystemError("open", "\(path)/\(name)") }
        let file = FileDescriptor(owning: raw)
        guard retryingInterrupts({ fsync(file.raw) }) == 0 else { throw SystemError("fsync", "\(path)/\(name)") }
    }

    /// Makes creations, renames and removals in the directory durable.
    public func sync() throws(SystemError) {
        guard retryingInterrupts({ fsync(owned.raw) }) == 0 else { throw SystemError("fsync", path) }
    }

    /// One part of a path.
    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }
}
