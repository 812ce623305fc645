import Streams

/// Why a simulated instrument or a replay could not go on.
public enum EventSourceError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A setting is outside its range; the text names it and the range.
    case invalidConfiguration(String)
    /// A file cannot be read as what it should be: its path, and what is wrong with it.
    case unreadable(path: String, reason: String)
    /// The broker did not take or give what was asked.
    case stream(StreamError)

    public var description: String {
        switch self {
        case .invalidConfiguration(let text): "event source: \(text)"
        case .unreadable(let path, let reason): "\(path): \(reason)"
        case .stream(let error): error.description
        }
    }
}
