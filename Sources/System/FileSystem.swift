import CLinux
import Glibc

/// How a file is opened.
public enum FileAccess: Sendable {
    /// Reading only; the file must exist.
    case read
    /// Reading and writing; the file must exist.
    case readWrite
    /// Reading and writing; created when missing.
    case create
    /// Reading and writing; created, and an error when it exists.
    case createNew
}

/// The operations on files that storage needs, so that tests can put faults under it.
///
/// All paths are absolute or relative to the working directory. Every operation is synchronous and thread-safe.
public protocol FileSystem: Sendable {
    /// Opens a file.
    func open(_ path: String, _ access: FileAccess) throws(SystemError) -> any File
    /// Creates a directory and its missing parents, mode 0700; an existing directory is no error.
    func createDirectory(_ path: String) throws(SystemError)
    /// The names in a directory, without `.` and `..`, sorted.
    func list(_ path: String) throws(SystemError) -> [String]
    /// Whether something exists at the path.
    func exists(_ path: String) -> Bool
    /// Removes a file.
    func remove(_ path: String) throws(SystemError)
    /// Removes an empty directory.
    func removeDirectory(_ path: String) throws(SystemError)
    /// Renames, replacing what is at `target`.
    func rename(_ source: String, to target: String) throws(SystemError)
    /// Makes creations, renames and removals in a directory durable.
    func syncDirectory(_ path: String) throws(SystemError)
    /// Bytes free for unprivileged use, and bytes in all, on the file system of `path`.
    func space(_ path: String) throws(SystemError) -> (free: Int64, total: Int64)
}

/// An open file with positional reads and writes.
public protocol File: AnyObject, Sendable {
    /// The path that it was opened with.
    var path: String { get }
    /// The descriptor for `sendfile`, where there is a real one.
    var descriptor: Int32? { get }
    /// The file's length in bytes.
    func size() throws(SystemError) -> Int64
    /// Reads up to `bytes.count` bytes at `position`; fewer only at the end of the file.
    func read(into bytes: UnsafeMutableRawBufferPointer, at position: Int64) throws(SystemError) -> Int
    /// Writes all bytes at `position`; when it throws, some of them may have been written.
    func write(_ bytes: UnsafeRawBufferPointer, at position: Int64) throws(SystemError)
    /// Sets room on the disk aside for `count` bytes from `position` on, without changing the length; the rest is given
    /// back by `truncate`. The C function is `fallocate`; a file system that cannot do it throws EOPNOTSUPP.
    func reserve(_ count: Int64, at position: Int64) throws(SystemError)
    /// Cuts or extends the file to `size`.
    func truncate(to size: Int64) throws(SystemError)
    /// Makes the contents durable. The C function is `fdatasync`.
    func syncData() throws(SystemError)
    /// Takes an exclusive lock for the life of the file; false when another process holds it. The C function is `flock`.
    func tryLock() throws(SystemError) -> Bool
    /// Gives the lock back at once, even while a process that is just being started still holds a copy of the descriptor.
    func unlock()
    /// When the contents last changed, ms since the Unix epoch; 0 where that is not known. The C function is `fstat`.
    func modifiedMilliseconds() throws(SystemError) -> Int64
    /// Sets when the contents last changed, ms since the Unix epoch. The C function is `futimens`.
    func setModified(milliseconds: Int64) throws(SystemError)
    /// When the file was made, ms since the Unix epoch; 0 where that is not known. The C function is `statx`.
    func createdMilliseconds() throws(SystemError) -> Int64
}

extension File {
    public func unlock() {}
    public func reserve(_ count: Int64, at position: Int64) throws(SystemError) {}
    public func modifiedMilliseconds() throws(SystemError) -> Int64 { 0 }
    public func setModified(milliseconds: Int64) throws(SystemError) {}
    public func createdMilliseconds() throws(SystemError) -> Int64 { 0 }
}

/// The real file system.
public struct LocalFileSystem: FileSystem {
    /// The file system of this machine.
    public init() {}

    public func open(_ path: String, _ access: FileAccess) throws(SystemError) -> any File {
        let flags: Int32
        switch access {
        case .read: flags = O_RDONLY
        case .readWrite: flags = O_RDWR
        case .create: flags = O_RDWR | O_CREAT
        case .createNew: flags = O_RDWR | O_CREAT | O_EXCL
        }
        let raw = retryingInterrupts { cl_open(path, flags, 0o600) }
        guard raw >= 0 else { throw SystemError("open", path) }
        return LocalFile(FileDescriptor(owning: raw), path)
    }

    public func createDirectory(_ path: String) throws(SystemError) {
        if mkdir(path, 0o700) == 0 { return }
        if errno == EEXIST {
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                throw SystemError("mkdir", path, code: ENOTDIR)
            }
            return
        }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw SystemError("mkdir", path)
        }
        try createDirectory(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw SystemError("mkdir", path) }
    }

    public func list(_ path: String) throws(SystemError) -> [String] {
        guard let directory = opendir(path) else { throw SystemError("opendir", path) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    public func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    public func remove(_ path: String) throws(SystemError) {
        guard unlink(path) == 0 else { throw SystemError("unlink", path) }
    }

    public func removeDirectory(_ path: String) throws(SystemError) {
        guard rmdir(path) == 0 else { throw SystemError("rmdir", path) }
    }

    public func rename(_ source: String, to target: String) throws(SystemError) {
        guard Glibc.rename(source, target) == 0 else { throw SystemError("rename", "\(source) to \(target)") }
    }

    public func syncDirectory(_ path: String) throws(SystemError) {
        let raw = retryingInterrupts { cl_open(path, O_RDONLY | O_DIRECTORY, 0) }
        guard raw >= 0 else { throw SystemError("open", path) }
        let directory = FileDescriptor(owning: raw)
        guard retryingInterrupts({ fsync(directory.raw) }) == 0 else { throw SystemError("fsync", path) }
    }

    public func space(_ path: String) throws(SystemError) -> (free: Int64, total: Int64) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw SystemError("statvfs", path) }
        let block = Int64(status.f_frsize)
        return (Int64(status.f_bavail) * block, Int64(status.f_blocks) * block)
    }
}

/// A file of the real file system.
public final class LocalFile: File {
    public let path: String
    private let owned: FileDescriptor

    /// Takes over an open descriptor.
    public init(_ descriptor: consuming FileDescriptor, _ path: String) {
        self.owned = descriptor
        self.path = path
    }

    public var descriptor: Int32? { owned.raw }

    public func size() throws(SystemError) -> Int64 {
        var status = stat()
        guard fstat(owned.raw, &status) == 0 else { throw SystemError("fstat", path) }
        return Int64(status.st_size)
    }

    public func unlock() { _ = retryingInterrupts { flock(owned.raw, LOCK_UN) } }

    public func modifiedMilliseconds() throws(SystemError) -> Int64 {
        var status = stat()
        guard fstat(owned.raw, &status) == 0 else { throw SystemError("fstat", path) }
        return Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
    }

    public func setModified(milliseconds: Int64) throws(SystemError) {
        let time = timespec(tv_sec: Int(milliseconds / 1000), tv_nsec: Int(milliseconds % 1000) * 1_000_000)
        guard
            withUnsafePointer(
                to: (time, time),
                { pair in
                    pair.withMemoryRebound(to: timespec.self, capacity: 2) { futimens(owned.raw, $0) }
                }) == 0
        else { throw SystemError("futimens", path) }
    }

    public func createdMilliseconds() throws(SystemError) -> Int64 {
        let milliseconds = cl_birth_milliseconds(owned.raw)
        guard milliseconds >= 0 else { throw SystemError("statx", path) }
        return milliseconds
    }

    public func read(into bytes: UnsafeMutableRawBufferPointer, at position: Int64) throws(SystemError) -> Int {
        var done = 0
        while done < bytes.count {
            let count = retryingInterrupts {
                pread(owned.raw, bytes.baseAddress! + done, bytes.count - done, off_t(position) + done)
            }
            guard count >= 0 else { throw SystemError("pread", path) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    public func write(_ bytes: UnsafeRawBufferPointer, at position: Int64) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = retryingInterrupts {
                pwrite(owned.raw, bytes.baseAddress! + done, bytes.count - done, off_t(position) + done)
            }
            guard count > 0 else { throw SystemError("pwrite", path, code: count == 0 ? ENOSPC : errno) }
            done += count
        }
    }

    public func reserve(_ count: Int64, at position: Int64) throws(SystemError) {
        guard retryingInterrupts({ cl_reserve(owned.raw, position, count) }) == 0 else {
            throw SystemError("fallocate", path)
        }
    }

    public func truncate(to size: Int64) throws(SystemError) {
        guard retryingInterrupts({ ftruncate(owned.raw, off_t(size)) }) == 0 else {
            throw SystemError("ftruncate", path)
        }
    }

    public func syncData() throws(SystemError) {
        guard retryingInterrupts({ fdatasync(owned.raw) }) == 0 else { throw SystemError("fdatasync", path) }
    }

    public func tryLock() throws(SystemError) -> Bool {
        if retryingInterrupts({ flock(owned.raw, LOCK_EX | LOCK_NB) }) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw SystemError("flock", path) }
        return false
    }
}

extension FileSystem {
    /// Replaces the file at `path` so that a crash leaves either the old or the new contents:
    /// temporary file, sync, rename, sync of the directory.
    public func replace(_ path: String, with bytes: [UInt8]) throws(SystemError) {
        let temporary = path + ".tmp"
        if exists(temporary) { try remove(temporary) }
        let file = try open(temporary, .createNew)
        try bytes.withUnsafeBufferPointer { (raw) throws(SystemError) in
            try file.write(UnsafeRawBufferPointer(raw), at: 0)
        }
        try file.syncData()
        try rename(temporary, to: path)
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        try syncDirectory(directory.isEmpty ? "/" : directory)
    }

    /// The whole contents of the file at `path`, at most `limit` bytes (EFBIG beyond).
    public func contents(_ path: String, limit: Int = 64 << 20) throws(SystemError) -> [UInt8] {
        let file = try open(path, .read)
        let size = Int(try file.size())
        guard size <= limit else { throw SystemError("read", path, code: EFBIG) }
        var bytes = [UInt8](repeating: 0, count: size)
        let count = try bytes.withUnsafeMutableBufferPointer { (raw) throws(SystemError) in
            try file.read(into: UnsafeMutableRawBufferPointer(raw), at: 0)
        }
        bytes.removeLast(size - count)
        return bytes
    }

    /// The contents of a file that does not tell its size, such as those of /proc; at most 64 KiB.
    public func stream(_ path: String) throws(SystemError) -> [UInt8] {
        let file = try open(path, .read)
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = try bytes.withUnsafeMutableBufferPointer { (raw) throws(SystemError) in
            try file.read(into: UnsafeMutableRawBufferPointer(raw), at: 0)
        }
        return Array(bytes[..<count])
    }
}
