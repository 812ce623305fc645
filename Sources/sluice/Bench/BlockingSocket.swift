import Glibc
import System

/// A TCP connection for the two ends of a measurement: it blocks, and never gives half of what was asked for.
final class BlockingSocket: Sendable {
    private let descriptor: FileDescriptor
    private let subject: String
    /// No answer of a benchmark takes longer.
    private static let timeoutSeconds = 60

    private init(_ descriptor: consuming FileDescriptor, _ subject: String) {
        var on: Int32 = 1
        setsockopt(
            descriptor.raw, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var limit = timeval(tv_sec: Self.timeoutSeconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor.raw, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        self.descriptor = descriptor
        self.subject = subject
    }

    /// Connects to a numeric IPv4 address, such as those of the benchmarks' own brokers.
    convenience init(connectingTo endpoint: Endpoint) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = endpoint.port.bigEndian
        guard inet_pton(AF_INET, endpoint.host, &address.sin_addr) == 1 else {
            throw SystemError("inet_pton", endpoint.host, code: EADDRNOTAVAIL)
        }
        let raw = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard raw >= 0 else { throw SystemError("socket", "\(endpoint)") }
        let descriptor = FileDescriptor(owning: raw)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                retryingInterrupts { connect(raw, address, socklen_t(MemoryLayout<sockaddr_in>.size)) }
            }
        }
        guard code == 0 else { throw SystemError("connect", "\(endpoint)") }
        self.init(descriptor, "\(endpoint)")
    }

    /// Both ends of a connection over the loopback interface.
    static func pair() throws -> (BlockingSocket, BlockingSocket) {
        let listener = try ListeningSocket(Endpoint(host: "127.0.0.1", port: 0))
        let first = try BlockingSocket(connectingTo: listener.endpoint)
        // The connection is already there: connect has returned.
        let raw = retryingInterrupts { accept(listener.descriptor.raw, nil, nil) }
        guard raw >= 0 else { throw SystemError("accept", "\(listener.endpoint)") }
        return (first, BlockingSocket(FileDescriptor(owning: raw), "\(listener.endpoint)"))
    }

    /// Sends all bytes.
    func send(_ bytes: UnsafeRawBufferPointer) throws {
        var done = 0
        while done < bytes.count {
            let count = retryingInterrupts {
                Glibc.send(descriptor.raw, bytes.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw SystemError("send", subject) }
            done += count
        }
    }

    /// Fills `bytes`.
    func receive(_ bytes: UnsafeMutableRawBufferPointer) throws {
        var done = 0
        while done < bytes.count {
            let count = try receiveSome(UnsafeMutableRawBufferPointer(rebasing: bytes[done...]))
            guard count > 0 else { throw SystemError("recv", subject, code: ECONNRESET) }
            done += count
        }
    }

    /// Receives what is there, at least a byte; 0 at the end.
    func receiveSome(_ bytes: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = retryingInterrupts { recv(descriptor.raw, bytes.baseAddress, bytes.count, 0) }
        guard count >= 0 else { throw SystemError("recv", subject) }
        return count
    }

    /// Sends a range of a file without copying it through this process. The C function is `sendfile`.
    func send(file: Int32, at position: Int, count: Int) throws {
        var offset = off_t(position)
        let end = off_t(position + count)
        while offset < end {
            let sent = retryingInterrupts { sendfile(descriptor.raw, file, &offset, Int(end - offset)) }
            guard sent > 0 else { throw SystemError("sendfile", subject) }
        }
    }

    /// Says that nothing more will be sent. The C function is `shutdown`.
    func finishSending() { shutdown(descriptor.raw, Int32(SHUT_WR)) }
}
