import Bytes
import System

/// The data directory's identity, in `meta.toml`.
///
/// Layout, TOML: `format_version = 1`, `node_id = 1`, `cluster_id = "<22 characters of base64>"`.
struct MetaFile: Equatable, Sendable {
    static let name = "meta.toml"
    static let formatVersion = 1
    static let nodeID = 1

    let clusterID: String

    /// Reads the file, or makes one in a directory that holds nothing yet. Throws without changing anything when the
    /// file is missing beside data, damaged, or of another version.
    static func open(_ directory: String, _ fileSystem: any FileSystem) throws(LogError) -> MetaFile {
        let path = directory + "/" + name
        if fileSystem.exists(path) {
            let bytes = try storing { () throws(SystemError) in try fileSystem.contents(path, limit: 1 << 16) }
            return try MetaFile(decoding: bytes, path)
        }
        let topics = directory + "/topics"
        let holdsData = fileSystem.exists(topics) && (try? fileSystem.list(topics).isEmpty) != true
        guard !holdsData else {
            throw .metadata(
                path: path, reason: "missing, but there are topics: restore the file, or write one as its README says")
        }
        let meta = MetaFile(clusterID: UUID.random().base64)
        let parent = directory.lastIndex(of: "/").map { String(directory[..<$0]) } ?? "."
        try storing { () throws(SystemError) in
            try fileSystem.syncDirectory(parent.isEmpty ? "/" : parent)
            try fileSystem.replace(path, with: meta.encoded)
        }
        return meta
    }

    private init(clusterID: String) { self.clusterID = clusterID }

    var encoded: [UInt8] {
        Array(
            """
            # The identity of this data directory. Do not edit.
            format_version = \(Self.formatVersion)
            node_id = \(Self.nodeID)
            cluster_id = "\(clusterID)"

            """.utf8)
    }

    init(decoding bytes: [UInt8], _ path: String) throws(LogError) {
        func fail(_ reason: String) -> LogError {
            .metadata(path: path, reason: reason + "; nothing was changed: restore the file from a backup")
        }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.isEmpty else {
            throw fail(bytes.isEmpty ? "empty" : "not text")
        }
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: "=", maxSplits: 1).map { part in
                String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
            guard parts.count == 2, values[parts[0]] == nil else { throw fail("cannot understand '\(line)'") }
            values[parts[0]] = parts[1]
        }
        guard let version = values["format_version"].flatMap({ Int($0) }) else { throw fail("no format_version") }
        guard version == Self.formatVersion else {
            throw fail("format version \(version), but this program knows version \(Self.formatVersion)")
        }
        guard values["node_id"] == "\(Self.nodeID)" else { throw fail("no node_id of \(Self.nodeID)") }
        guard let quoted = values["cluster_id"], quoted.hasPrefix("\""), quoted.hasSuffix("\""), quoted.count == 24
        else { throw fail("no cluster_id") }
        let clusterID = String(quoted.dropFirst().dropLast())
        guard UUID(base64: clusterID) != nil else { throw fail("no cluster_id of 22 base64 characters") }
        self.clusterID = clusterID
    }
}
