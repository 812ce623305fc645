import Glibc
import System

/// A listener could not be opened: which one, why, and what helps.
public struct ListenError: Error, CustomStringConvertible {
    /// The address.
    public let endpoint: Endpoint
    /// The failed system call.
    public let cause: SystemError

    public var description: String {
        switch cause.code {
        case EADDRINUSE:
            "port \(endpoint.port) is in use on \(endpoint.host): stop the program that has it or choose another port"
        case EACCES:
            "port \(endpoint.port) needs more rights: choose one above 1023"
        case EADDRNOTAVAIL:
            "\(endpoint.host) is no address of this machine: use one of its own, or 0.0.0.0 for all"
        default:
            "cannot listen on \(endpoint): \(cause)"
        }
    }
}
