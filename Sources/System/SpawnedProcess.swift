import Glibc

/// Another program that this one has started; it is killed and waited for when its owner lets go of it.
public final class SpawnedProcess {
    /// How a process ended.
    public enum End: Equatable, Sendable {
        /// By itself, with this code; -1 when somebody else has waited for it.
        case exited(Int32)
        /// By a signal.
        case signal(Int32)
    }

    /// The process's number.
    public let identifier: pid_t
    private var end: End?

    /// Starts a program. The C function is `posix_spawn`. The program inherits the calling thread's signal mask.
    ///
    /// - Parameters:
    ///   - executable: the program's path.
    ///   - arguments: what it is told.
    ///   - descriptors: which of our descriptors the program gets as its descriptor 0, 1, 2...; all others that were
    ///     opened with `O_CLOEXEC` are closed in it.
    public init(_ executable: String, _ arguments: [String], descriptors: [Int32: Int32]) throws(SystemError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (theirs, ours) in descriptors { posix_spawn_file_actions_adddup2(&actions, ours, theirs) }
        let words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var identifier = pid_t()
        let code = posix_spawn(&identifier, executable, &actions, nil, words, environ)
        guard code == 0 else { throw SystemError("posix_spawn", executable, code: code) }
        self.identifier = identifier
    }

    deinit {
        if end == nil {
            kill(identifier, SIGKILL)
            _ = wait()
        }
    }

    /// How it ended; nil while it runs.
    public func poll() -> End? { collect(WNOHANG) }

    /// Waits for the end.
    public func wait() -> End { collect(0) ?? .exited(-1) }

    private func collect(_ options: Int32) -> End? {
        if let end { return end }
        var status: Int32 = 0
        let found = retryingInterrupts { waitpid(identifier, &status, options) }
        guard found != 0 else { return nil }
        let signal = status & 0x7f
        end = found < 0 ? .exited(-1) : signal == 0 ? .exited((status >> 8) & 0xff) : .signal(signal)
        return end
    }
}
