/// Why JSON does not make a message: which field, and what is wrong with it.
public struct MessageJSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The field, such as `data[2].shape`; empty for the whole message.
    public let path: String
    /// What is wrong.
    public let reason: String

    init(_ path: String, _ reason: String) {
        self.path = path
        self.reason = reason
    }

    public var description: String { path.isEmpty ? reason : "field \(path): \(reason)" }
}
