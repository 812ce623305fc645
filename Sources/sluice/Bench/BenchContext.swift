import Glibc
import System

/// What every benchmark gets: a temporary directory, the number of runs, and whether to stop.
final class BenchContext: Sendable {
    /// Runs of each measurement.
    let repeats: Int
    /// Events per second that the whole appliance is asked for.
    let rate: Double
    /// How long the whole appliance runs.
    let durationMilliseconds: Int
    private let directory: String
    private let stop = Signals.stopOnInterrupt()

    /// Makes a temporary directory in `parent`.
    init(parent: String, repeats: Int, rate: Double, durationMilliseconds: Int) throws {
        self.repeats = repeats
        self.rate = rate
        self.durationMilliseconds = durationMilliseconds
        var template = Array((parent + "/sluice-bench-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", parent) }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A path in the temporary directory.
    func path(_ name: String) -> String { directory + "/" + name }

    /// Calls `body` once for each run, and returns what it measured.
    func runs<R>(_ body: (_ run: Int) throws -> R) throws -> [R] {
        try (0..<repeats).map { run in
            try checkInterrupted()
            return try body(run)
        }
    }

    /// Waits, and ends the command when it was interrupted.
    func pause(milliseconds: Int) throws {
        if stop.wait(milliseconds: milliseconds) { try checkInterrupted() }
    }

    /// Ends the command when it was interrupted.
    func checkInterrupted() throws {
        if stop.isRequested { throw CommandError("interrupted", code: ExitCode.interrupted) }
    }

    /// Removes what is at `path` in the temporary directory.
    func remove(_ name: String) { Self.removeTree(path(name)) }

    /// Removes the temporary directory with everything in it.
    func removeFiles() { Self.removeTree(directory) }

    private static func removeTree(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        for name in (try? LocalFileSystem().list(path)) ?? [] { removeTree(path + "/" + name) }
        rmdir(path)
    }
}

/// Seconds that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let clock = SystemClock()
    let start = clock.monotonicNanoseconds
    try body()
    return Double(clock.monotonicNanoseconds - start) / 1e9
}
