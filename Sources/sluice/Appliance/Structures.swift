import CAssets
import System

/// NeXus structures of new runs: those of `config/nexus` are in the binary.
enum Structures {
    /// A structure file larger than this is refused.
    private static let bytesMax = 64 << 20

    /// The structure in the file at `path`, or the built-in one called `name` when `path` is empty.
    static func load(_ path: String, builtIn name: String) throws -> String {
        guard path.isEmpty else {
            do {
                return String(decoding: try LocalFileSystem().contents(path, limit: bytesMax), as: UTF8.self)
            } catch {
                throw CommandError(
                    "cannot read the NeXus structure \(path): \(error.reason)",
                    code: error.isNotFound ? ExitCode.notFound : ExitCode.failed)
            }
        }
        let asset = ca_structure(name)
        precondition(asset.bytes != nil, "no structure \(name) in the binary")
        return String(decoding: UnsafeRawBufferPointer(start: asset.bytes, count: asset.count), as: UTF8.self)
    }
}
