/// Why a text is not a condition.
public struct FilterSyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Characters before the place that is wrong.
    public let position: Int
    /// What is wrong there.
    public let reason: String

    public var description: String { "at character \(position + 1): \(reason)" }
}
