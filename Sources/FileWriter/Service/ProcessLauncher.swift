import Glibc
import Synchronization
import System

/// Runs each job in a process of its own: the given program, told the path of a job description.
///
/// The child has a socket as standard input and output: it writes `JobProgress` lines, and reads `stop MILLISECONDS` and
/// `interrupt`. When the socket closes, the other side is gone, and the child ends with its file partial. Standard error
/// is shared.
public struct ProcessLauncher: JobLauncher {
    private let executable: String
    private let arguments: [String]
    private let directory: String

    private static let number = Atomic<Int>(0)

    /// A launcher.
    ///
    /// - Parameters:
    ///   - executable: the program, such as `/proc/self/exe`.
    ///   - arguments: what comes before the description's path, such as `["write-job"]`.
    ///   - directory: where job descriptions are put; must exist.
    public init(executable: String, arguments: [String], directory: String) {
        self.executable = executable
        self.arguments = arguments
        self.directory = directory
    }

    public func launch(_ description: JobDescription) throws(FileWriterError) -> any RunningJob {
        let number = Self.number.wrappingAdd(1, ordering: .relaxed).newValue
        let path = "\(directory)/job-\(getpid())-\(number).json"
        try system { () throws(SystemError) in
            try LocalFileSystem().replace(path, with: Array(description.json.utf8))
        }
        do throws(SystemError) {
            return try ProcessJob(executable, arguments + [path], descriptionPath: path)
        } catch {
            try? LocalFileSystem().remove(path)
            throw FileWriterError(error)
        }
    }
}

/// A child process and the socket to it.
private final class ProcessJob: RunningJob {
    private let process: pid_t
    private let socket: FileDescriptor
    private let descriptionPath: String
    private var unfinishedLine: [UInt8] = []
    private var isGone = false

    /// Longest line that a child may write.
    private static let lineBytesMax = 1 << 20

    init(_ executable: String, _ arguments: [String], descriptionPath: String) throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw SystemError("socketpair", executable) }
        let ours = FileDescriptor(owning: ends[0]), theirs = FileDescriptor(owning: ends[1])
        _ = fcntl(ours.raw, F_SETFL, O_NONBLOCK)

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, theirs.raw, 0)
        posix_spawn_file_actions_adddup2(&actions, theirs.raw, 1)

        let words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child = pid_t()
        let code = posix_spawn(&child, executable, &actions, nil, words, environ)
        guard code == 0 else { throw SystemError("posix_spawn", executable, code: code) }
        process = child
        socket = ours
        self.descriptionPath = descriptionPath
    }

    deinit {
        if !isGone {
            kill(process, SIGKILL)
            var status: Int32 = 0
            _ = retryingInterrupts { waitpid(process, &status, 0) }
        }
        unlink(descriptionPath)
    }

    func poll() -> [RunningJobEvent] {
        guard !isGone else { return [] }
        // Asked before the last read, so that nothing is left behind in the socket.
        var status: Int32 = 0
        let ended = retryingInterrupts { waitpid(process, &status, WNOHANG) } != 0
        var events = readLines().compactMap { JobProgress(line: $0).map { RunningJobEvent.progress($0) } }
        if ended {
            isGone = true
            events.append(.ended(reason: Self.reason(status)))
        }
        return events
    }

    /// Why a process ended, by its wait status; nil when it ended by itself, well or not.
    private static func reason(_ status: Int32) -> String? {
        let signal = status & 0x7f
        guard signal == 0 else {
            return "its process was ended by signal \(signal) (\(String(cString: strsignal(signal))))"
        }
        return nil
    }

    private func readLines() -> [String] {
        var lines: [String] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = retryingInterrupts { recv(socket.raw, &buffer, buffer.count, Int32(MSG_DONTWAIT)) }
            guard count > 0 else { return lines }
            for byte in buffer[..<count] {
                if byte == UInt8(ascii: "\n") {
                    lines.append(String(decoding: unfinishedLine, as: UTF8.self))
                    unfinishedLine.removeAll(keepingCapacity: true)
                } else if unfinishedLine.count < Self.lineBytesMax {
                    unfinishedLine.append(byte)
                }
            }
        }
    }

    func setStop(milliseconds: Int64) { send("stop \(milliseconds)\n") }
    func interrupt() { send("interrupt\n") }

    private func send(_ line: String) {
        let bytes = Array(line.utf8)
        // A child that is gone is found by `poll`; a full socket means that it does not listen any more.
        _ = Glibc.send(socket.raw, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
}
