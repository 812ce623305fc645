import Glibc

/// The process's table of open files.
public enum DescriptorTable {
    /// Raises the soft limit of open files to the hard one, and makes room for `count` of them at once.
    ///
    /// Must be called before the first thread starts: growing the table of a process with several threads makes every
    /// thread that opens a file wait until all processors have passed through the scheduler, some 15 ms for each
    /// doubling (Linux, `expand_fdtable`).
    public static func prepare(room count: Int32) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let highest = Int32(clamping: min(UInt64(limit.rlim_max), UInt64(count))) - 1
        let copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, highest)
        if copy >= 0 { close(copy) }
    }
}
