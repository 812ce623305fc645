import Bytes
import System

/// Keeps the last run of an instrument across restarts, in a small TOML file that a person can read and correct:
///
///     run_number = 42
///     running = true
///     job_id = "0d9e0a5c-…"
///     title = "Silicon, 300 K"
///     start_time_ms = 1763683200000
///     stop_time_ms = 0
///
/// It is replaced as a whole, so that a crash leaves the old or the new contents.
struct RunStateFile: Sendable {
    /// `<directory>/<INSTRUMENT>.toml`.
    let path: String
    private let instrument: String
    private let directory: String
    private let fileSystem: any FileSystem

    /// Largest file that is read; what this type writes is below 1 KiB for titles of usual length.
    static let sizeMaximum = 64 << 10

    init(instrument: String, directory: String, fileSystem: any FileSystem) {
        self.instrument = instrument
        self.directory = directory
        self.fileSystem = fileSystem
        path = directory + "/" + instrument + ".toml"
    }

    /// The last status; nil when there has been no run.
    func load() throws(RunControlError) -> RunStatus? {
        guard fileSystem.exists(path) else { return nil }
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try fileSystem.contents(path, limit: Self.sizeMaximum)
        } catch {
            throw .system(error)
        }
        return try status(Self.parse(String(decoding: bytes, as: UTF8.self), path: path))
    }

    /// Replaces the file.
    func save(_ status: RunStatus) throws(RunControlError) {
        guard let run = status.run else { preconditionFailure("there is no state without a run") }
        let text = """
            # Runs of \(instrument). Written at every start and stop.
            run_number = \(run.runNumber)
            running = \(status.isRunning)
            job_id = "\(run.jobID)"
            title = \(JSONText.quoted(run.title))
            start_time_ms = \(run.startTimeMilliseconds)
            stop_time_ms = \(status.stopTimeMilliseconds ?? 0)

            """
        do throws(SystemError) {
            try fileSystem.createDirectory(directory)
            try fileSystem.replace(path, with: Array(text.utf8))
        } catch {
            throw .system(error)
        }
    }

    private typealias Entry = (line: Int, value: String)

    private func status(_ entries: [String: Entry]) throws(RunControlError) -> RunStatus {
        func entry(_ key: String) throws(RunControlError) -> Entry {
            guard let entry = entries[key] else {
                throw .damagedState(path: path, line: 1, reason: "the key \(key) is missing")
            }
            return entry
        }
        func value<T>(
            _ key: String, _ expected: String, _ convert: (String) -> T?
        ) throws(RunControlError) -> T {
            let entry = try entry(key)
            guard let value = convert(entry.value) else {
                throw .damagedState(path: path, line: entry.line, reason: "\(key) must be \(expected)")
            }
            return value
        }
        let number = try value("run_number", "a number within 1...99999999") { text in
            Int(text).flatMap { RunIdentity.runNumbers.contains($0) ? $0 : nil }
        }
        let running = try value("running", "true or false") { Bool($0) }
        let job = try value("job_id", "an identifier of 36 characters in quotes") { text in
            JSONText.unquoted(text).flatMap { UUID($0) }
        }
        let title = try value("title", "text in quotes") { JSONText.unquoted($0) }
        let start = try value("start_time_ms", "a number") { Int64($0) }
        let stop = try value("stop_time_ms", "a number") { Int64($0) }
        let run = RunIdentity(
            instrument: instrument, runNumber: number, jobID: job, title: title, startTimeMilliseconds: start)
        return RunStatus(isRunning: running, run: run, stopTimeMilliseconds: running || stop == 0 ? nil : stop)
    }

    /// The `key = value` lines, with the values' text as it stands.
    private static func parse(_ text: String, path: String) throws(RunControlError) -> [String: Entry] {
        var entries: [String: Entry] = [:]
        for (index, line) in text.split(
            omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" }
        ).enumerated() {
            let trimmed = JSONText.trimmed(line)
            if trimmed.isEmpty || trimmed.first == "#" { continue }
            guard let equals = trimmed.firstIndex(of: "=") else {
                throw .damagedState(path: path, line: index + 1, reason: "expected: key = value")
            }
            let key = String(JSONText.trimmed(trimmed[..<equals]))
            guard entries[key] == nil else {
                throw .damagedState(path: path, line: index + 1, reason: "the key \(key) comes twice")
            }
            entries[key] = (index + 1, String(JSONText.trimmed(trimmed[trimmed.index(after: equals)...])))
        }
        return entries
    }
}
