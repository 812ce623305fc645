/// Why an archive cannot be written or read.
public enum ArchiveError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is a file of that name already.
    case exists(String)
    /// It is no archive.
    case notAnArchive(String)
    /// It is of a version that this program does not know.
    case version(String, Int32)
    /// It ends too early: whoever wrote it did not finish.
    case cut(String, position: Int64)
    /// A part is not what was written.
    case damaged(String, what: String, position: Int64)
    /// The operating system refused.
    case storage(String)

    public var description: String {
        switch self {
        case .exists(let path): "\(path) exists already; choose another name, nothing is overwritten"
        case .notAnArchive(let path): "\(path) is not an archive of `sluice bury`"
        case .version(let path, let version):
            "\(path) is an archive of version \(version); this program reads version \(ArchiveFormat.version)"
        case .cut(let path, let position):
            "\(path) is cut: it ends at byte \(position) before its end mark, so records are missing"
        case .damaged(let path, let what, let position): "\(path) is damaged: \(what) at byte \(position)"
        case .storage(let text): text
        }
    }
}
