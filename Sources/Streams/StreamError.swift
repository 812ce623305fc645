/// Why an operation on a stream failed.
public struct StreamError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure that callers tell apart.
    public enum Code: Sendable, Equatable {
        /// No broker answers.
        case unreachable
        /// The topic or the partition does not exist.
        case unknownTopic
        /// The group does not exist.
        case unknownGroup
        /// The group has members.
        case groupNotEmpty
        /// The topic exists already.
        case topicExists
        /// The name, count or setting is not allowed.
        case invalidArgument
        /// The offset lies before the first or after the last record.
        case offsetOutOfRange
        /// The record is larger than the topic takes.
        case messageTooLarge
        /// The storage refused the write: full disk or failed device.
        case storage
        /// The records at that offset are damaged.
        case corrupt
        /// The operation did not end in time.
        case timedOut
        /// The stream was closed.
        case closed
        /// Not allowed for this user.
        case unauthorized
        /// The other side does not offer it.
        case unsupported
        /// Anything else; the text says what.
        case other
    }

    /// The kind of failure.
    public let code: Code
    /// What failed, where and why, in one line.
    public let message: String

    /// A failure of one kind with its text.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
