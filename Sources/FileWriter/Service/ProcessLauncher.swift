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
    private let process: SpawnedProcess
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
        process = try SpawnedProcess(executable, arguments, descriptors: [0: theirs.raw, 1: theirs.raw])
        socket = ours
        self.descriptionPath = descriptionPath
    }

    deinit { unlink(descriptionPath) }

    func poll() -> [RunningJobEvent] {
        guard !isGone else { return [] }
        // Asked before the last read, so that nothing is left behind in the socket.
        let end = process.poll()
        var events = readLines().compactMap { JobProgress(line: $0).map { RunningJobEvent.progress($0) } }
        if let end {
            isGone = true
            events.append(.ended(reason: Self.reason(end)))
        }
        return events
    }

    /// Why a process ended; nil when it ended by itself, well or not.
    private static func reason(_ end: SpawnedProcess.End) -> String? {
        guard case .signal(let signal) = end else { return nil }
        return "its process was ended by signal \(signal) (\(String(cString: strsignal(signal))))"
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
