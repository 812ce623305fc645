import Glibc
import System

/// Standard output and standard error. A reader that went away (EPIPE) ends the process in silence with success, as
/// `sluice consume | head` expects.
enum Terminal {
    /// Writes a line of data to standard output.
    static func print(_ text: String, terminator: String = "\n") {
        write(text + terminator, to: STDOUT_FILENO)
    }

    /// Writes a line to standard error.
    static func printError(_ text: String, terminator: String = "\n") {
        write(text + terminator, to: STDERR_FILENO)
    }

    /// Whether standard error is a terminal: progress is shown only there.
    static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether standard output may carry colours: it is a terminal, and nobody asked for none (no-color.org).
    static let usesColor =
        isatty(STDOUT_FILENO) == 1 && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
        && getenv("TERM").map { String(cString: $0) } != "dumb"

    /// Text that stands out on a terminal.
    static func emphasized(_ text: String) -> String { usesColor ? "\u{1b}[1m\(text)\u{1b}[0m" : text }

    /// Replaces the progress line on standard error.
    static func progress(_ text: String) {
        guard showsProgress else { return }
        write("\r\u{1b}[2K" + text, to: STDERR_FILENO)
    }

    /// Removes the progress line.
    static func clearProgress() {
        if showsProgress { write("\r\u{1b}[2K", to: STDERR_FILENO) }
    }

    /// Writes bytes to standard output as they are.
    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32 = STDOUT_FILENO) {
        var done = 0
        while done < bytes.count {
            let count = retryingInterrupts { Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done) }
            if count < 0 {
                // What standard error cannot say nobody can be told.
                guard descriptor == STDOUT_FILENO else { return }
                if errno == EPIPE { exit(ExitCode.success) }
                printError("sluice: cannot write the output: \(String(cString: strerror(errno)))")
                exit(ExitCode.failed)
            }
            done += count
        }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0), to: descriptor) }
    }
}
