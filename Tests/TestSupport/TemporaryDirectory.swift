import Foundation

/// A directory that is removed with everything in it when the test lets go of it.
public final class TemporaryDirectory: Sendable {
    /// The directory's path, without a slash at the end.
    public let path: String

    /// A fresh, empty directory.
    public init() {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-\(UUID().uuidString)")
        path = url.path
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            fatalError("no temporary directory: \(error)")
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in it.
    public func file(_ name: String) -> String { path + "/" + name }
}
