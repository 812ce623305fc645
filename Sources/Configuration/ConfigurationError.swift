/// What is wrong with a configuration: which key or line, where it was set, and what to do.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// The whole message, in one line.
    public let description: String

    init(_ description: String) { self.description = description }
}
