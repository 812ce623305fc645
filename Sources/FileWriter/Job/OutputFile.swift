import NexusFile
import System

/// The place of a job's file: a checked name below the output directory, written as `NAME.partial` and renamed at the end.
struct OutputFile {
    private let directory: Directory
    private let name: String
    /// The final path, for people.
    let path: String

    /// Longest name in bytes.
    static let nameBytesMax = 200

    /// Checks a name; throws `rejected` when it is not allowed, or the file exists.
    ///
    /// Leading slashes are dropped, as kafka-to-nexus does; directories in the name are made. Letters, digits, `.`, `_`
    /// and `-` are allowed; no part may begin with a dot; the ending is `.nxs`, `.hdf`, `.hdf5` or `.h5`, `.nxs` added
    /// when there is none of these.
    init(directory output: String, filename: String) throws(FileWriterError) {
        let relative = try Self.checked(filename)
        let parts = relative.split(separator: "/")
        name = String(parts[parts.count - 1])
        path = output + "/" + relative
        let base = try system { () throws(SystemError) in try Directory(output) }
        let parent = parts.dropLast().joined(separator: "/")
        if parent.isEmpty {
            directory = base
        } else {
            do throws(SystemError) {
                directory = try base.below(parent, create: true)
            } catch {
                throw FileWriterError(.rejected, "\(filename): \(error)")
            }
        }
        guard !directory.contains(name) else {
            throw FileWriterError(.rejected, "\(path) exists already and is not replaced")
        }
    }

    /// The relative path of a file name that is allowed; throws `rejected` with the rule that it breaks.
    static func checked(_ filename: String) throws(FileWriterError) -> String {
        var parts = filename.split(separator: "/").map(String.init)
        guard var last = parts.popLast(), filename.utf8.last != UInt8(ascii: "/") else {
            throw FileWriterError(.rejected, "the file name is empty")
        }
        let endings = [".nxs", ".hdf", ".hdf5", ".h5"]
        if !endings.contains(where: { last.hasSuffix($0) }) { last += ".nxs" }
        parts.append(last)
        for part in parts {
            guard part.utf8.first != UInt8(ascii: ".") else {
                throw FileWriterError(.rejected, "the file name \"\(filename)\" has a part that begins with a dot")
            }
            let isAllowed = part.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
            guard isAllowed else {
                throw FileWriterError(
                    .rejected,
                    "the file name \"\(filename)\" has other characters than letters, digits, \".\", \"_\", \"-\"")
            }
        }
        let relative = parts.joined(separator: "/")
        guard relative.utf8.count <= nameBytesMax else {
            throw FileWriterError(.rejected, "the file name is longer than \(nameBytesMax) bytes")
        }
        return relative
    }

    private var partial: String { name + ".partial" }

    /// Where the file is while it is written, for people.
    var partialPath: String { path + ".partial" }

    /// Whether a job was begun and not finished.
    static func hasPartial(directory: String, filename: String, fileSystem: any FileSystem) -> Bool {
        guard let relative = try? checked(filename) else { return false }
        return fileSystem.exists(directory + "/" + relative + ".partial")
    }

    /// Begins the file; what an earlier attempt left is removed.
    func create() throws(FileWriterError) -> NexusFile {
        if directory.contains(partial) {
            try system { () throws(SystemError) in try directory.remove(partial) }
        }
        return try nexus { () throws(NexusError) in
            try NexusFile.create(directory.stablePath(partial), shownAs: partialPath)
        }
    }

    /// Opens the finished file, still under its partial name, to look at what is really there.
    func reopen() throws(FileWriterError) -> NexusFile {
        try nexus { () throws(NexusError) in
            try NexusFile.open(directory.stablePath(partial), shownAs: partialPath)
        }
    }

    /// Makes the finished file durable and gives it its name; an existing file is never replaced.
    func publish() throws(FileWriterError) {
        try system { () throws(SystemError) in
            try directory.sync(partial)
            try directory.setMode(partial, 0o444)
            try directory.renameWithoutReplacing(partial, to: name)
            try directory.sync()
        }
    }
}
