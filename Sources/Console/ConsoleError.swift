/// Why the console could not start.
public struct ConsoleError: Error, CustomStringConvertible {
    /// What failed, where, and what to do.
    public let description: String
}
