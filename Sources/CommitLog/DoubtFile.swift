import System

/// The file of a data directory that says how wrong the wall clock is thought to be, while it is: a restart must not make
/// the retention believe a clock that has just jumped.
///
/// Layout, text: the time that is believed and what the wall clock said then, ms since the epoch, for how many ms more the
/// wall clock is doubted, and the CRC-32C of that.
struct DoubtFile: Sendable {
    private static let name = "clock-doubt"

    private let fileSystem: any FileSystem
    private let directory: String
    private var path: String { directory + "/" + Self.name }
    private var isThere: Bool
    /// When a doubt was written down, on the monotonic clock; nil when none is there, or that was another process.
    private(set) var savedNanoseconds: UInt64?

    init(_ fileSystem: any FileSystem, _ directory: String) {
        self.fileSystem = fileSystem
        self.directory = directory
        isThere = fileSystem.exists(directory + "/" + Self.name)
    }

    /// What the file says; nil without one, and for one that is damaged, since nothing but time is lost with it.
    func read() -> RetentionClock.Doubt? {
        guard isThere, let bytes = try? fileSystem.contents(path, limit: 256) else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        let numbers = words.compactMap { Int64($0) }
        guard words.count == 4, numbers.count == 4,
            UInt32(words[3]) == Checkpoint.crc(words[..<3].joined(separator: " "))
        else { return nil }
        return RetentionClock.Doubt(
            believedMilliseconds: numbers[0], wallMilliseconds: numbers[1], remainingMilliseconds: numbers[2])
    }

    /// Writes the doubt down; without one, removes the file.
    mutating func save(_ doubt: RetentionClock.Doubt?, at now: UInt64) throws(LogError) {
        guard doubt != nil || isThere else { return }
        let (fileSystem, path, directory) = (fileSystem, path, directory)
        try storing { () throws(SystemError) in
            guard let doubt else {
                if fileSystem.exists(path) { try fileSystem.remove(path) }
                return try fileSystem.syncDirectory(directory)
            }
            let text =
                "\(doubt.believedMilliseconds) \(doubt.wallMilliseconds) \(doubt.remainingMilliseconds)"
            try fileSystem.replace(path, with: Array("\(text) \(Checkpoint.crc(text))".utf8))
        }
        isThere = doubt != nil
        savedNanoseconds = doubt == nil ? nil : now
    }
}
