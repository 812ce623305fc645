import Glibc
import System

extension BlockingSocket {
    /// No answer of a benchmark takes longer.
    static let benchTimeoutSeconds = 60

    /// Both ends of a connection over the loopback interface.
    static func pair() throws -> (BlockingSocket, BlockingSocket) {
        let listener = try ListeningSocket(Endpoint(host: "127.0.0.1", port: 0))
        let first = try BlockingSocket(connectingTo: listener.endpoint, timeoutSeconds: benchTimeoutSeconds)
        // The connection is already there: connect has returned.
        let raw = retryingInterrupts { accept(listener.descriptor.raw, nil, nil) }
        guard raw >= 0 else { throw SystemError("accept", "\(listener.endpoint)") }
        let second = BlockingSocket(
            owning: FileDescriptor(owning: raw), "\(listener.endpoint)", timeoutSeconds: benchTimeoutSeconds)
        return (first, second)
    }

    /// Sends a range of a file without copying it through this process. The C function is `sendfile`.
    func send(file: Int32, at position: Int, count: Int) throws {
        var offset = off_t(position)
        let end = off_t(position + count)
        while offset < end {
            let sent = retryingInterrupts { sendfile(raw, file, &offset, Int(end - offset)) }
            guard sent > 0 else { throw SystemError("sendfile", "a file to a socket") }
        }
    }
}
