import Glibc
import System

/// This program, run again with other arguments; what it prints is read line by line.
final class ChildProcess {
    private let process: SpawnedProcess
    private let output: FileDescriptor
    private var pending: [UInt8] = []
    /// A line longer than this is cut.
    private static let lineBytesMax = 64 << 10

    /// Starts this program with `arguments`. Standard output and error come out as one stream of lines.
    init(_ arguments: [String]) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw SystemError("pipe", "a child's output") }
        let reading = FileDescriptor(owning: ends[0])
        let writing = FileDescriptor(owning: ends[1])
        // Both ends close in the child, which writes to copies of one: else it would hold its own output open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        process = try SpawnedProcess(
            "/proc/self/exe", arguments, descriptors: [STDOUT_FILENO: writing.raw, STDERR_FILENO: writing.raw])
        output = reading
    }

    /// The next line, without its end; nil at the end of the output, or when none comes for so long.
    func line(timeoutMilliseconds: Int) throws -> String? {
        let clock = SystemClock()
        let deadline = clock.monotonicNanoseconds + UInt64(timeoutMilliseconds) * 1_000_000
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                defer { pending.removeFirst(end + 1) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            let now = clock.monotonicNanoseconds
            guard now < deadline, pending.count < Self.lineBytesMax else { return nil }
            var waiting = pollfd(fd: output.raw, events: Int16(POLLIN), revents: 0)
            let ready = retryingInterrupts { poll(&waiting, 1, Int32((deadline - now) / 1_000_000 + 1)) }
            guard ready >= 0 else { throw SystemError("poll", "a child's output") }
            guard ready > 0 else { continue }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = retryingInterrupts { read(output.raw, &chunk, chunk.count) }
            guard count > 0 else { return nil }
            pending += chunk[..<count]
        }
    }

    /// Memory that the process has resident, bytes.
    func residentBytes() throws -> Double {
        try numbers("statm", from: 1, count: 1)[0] * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Processor time that the process has used, seconds.
    func processorSeconds() throws -> Double {
        // The second field, a name in parentheses, has no spaces in it.
        try numbers("stat", from: 13, count: 2).reduce(0, +) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Fields of one of the process's files in /proc, counted from 0.
    private func numbers(_ name: String, from first: Int, count: Int) throws -> [Double] {
        let path = "/proc/\(process.identifier)/\(name)"
        let fields = String(decoding: try LocalFileSystem().stream(path), as: UTF8.self).split(separator: " ")
        let numbers = fields.dropFirst(first).prefix(count).compactMap { Double($0) }
        guard numbers.count == count else { throw CommandError("\(path) is not understood") }
        return numbers
    }

    /// Sends the process a signal.
    func signal(_ number: Int32) { kill(process.identifier, number) }

    /// Waits for the end; the exit code, or 128 and the signal's number.
    func wait() -> Int32 {
        switch process.wait() {
        case .exited(let code): code
        case .signal(let signal): 128 + signal
        }
    }
}
