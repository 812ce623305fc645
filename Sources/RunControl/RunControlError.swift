import Streams
import System

/// Why a run could not be started, stopped or looked up.
public enum RunControlError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A run is active already: its instrument and number.
    case alreadyRunning(instrument: String, runNumber: Int)
    /// No run is active.
    case notRunning(instrument: String)
    /// A name, number or time is not allowed; the text says which and why.
    case invalidArgument(String)
    /// The structure template cannot be used; the text says where and why.
    case template(String)
    /// The file that keeps the runs is damaged: its path, line and what is wrong there.
    case damagedState(path: String, line: Int, reason: String)
    /// The file that keeps the runs cannot be read or written.
    case system(SystemError)
    /// The broker did not take or give what was asked.
    case stream(StreamError)

    public var description: String {
        switch self {
        case .alreadyRunning(let instrument, let number):
            "\(instrument): run \(number) is active; stop it before the next one starts"
        case .notRunning(let instrument): "\(instrument): no run is active"
        case .invalidArgument(let text): text
        case .template(let text): "structure template: \(text)"
        case .damagedState(let path, let line, let reason):
            "\(path), line \(line): \(reason); correct the file, or remove it and give the next run number"
        case .system(let error): error.description
        case .stream(let error): error.description
        }
    }
}
