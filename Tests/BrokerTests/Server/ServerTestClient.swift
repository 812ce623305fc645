import Glibc
import System

/// A blocking TCP client with a timeout of 20 s on every wait.
final class ServerTestClient {
    private let socket: FileDescriptor

    init(_ endpoint: Endpoint) throws(SystemError) {
        let raw = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard raw >= 0 else { throw SystemError("socket", endpoint.description) }
        socket = FileDescriptor(owning: raw)
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(raw, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var on: Int32 = 1
        setsockopt(raw, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = endpoint.port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(raw, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw SystemError("connect", endpoint.description) }
    }

    func send(_ bytes: [UInt8]) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(socket.raw, $0.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw SystemError("send", "test") }
            done += count
        }
    }

    /// Sends what fits without waiting; returns how much that was.
    func sendWithoutWaiting(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes {
            max(
                0,
                Glibc.send(socket.raw, $0.baseAddress!, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            )
        }
    }

    /// Exactly `count` bytes, or fewer when the connection ends first.
    func receive(_ count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let more = bytes.withUnsafeMutableBytes { recv(socket.raw, $0.baseAddress! + done, count - done, 0) }
            if more < 0, errno == ECONNRESET { break }
            guard more >= 0 else { throw SystemError("recv", "test") }
            if more == 0 { break }
            done += more
        }
        return Array(bytes[..<done])
    }

    /// One message of `int32 size` and payload; nil at the end of the connection.
    func receiveMessage() throws(SystemError) -> [UInt8]? {
        let head = try receive(4)
        guard head.count == 4 else { return nil }
        return try receive(head.reduce(0) { $0 << 8 | Int($1) })
    }

    /// Whether the server has ended the connection, waiting for it.
    func isEnded() throws(SystemError) -> Bool { try receive(1).isEmpty }

    /// Ends the connection with a reset.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket.raw, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }
}

/// `int32 size` and payload.
func message(_ payload: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: Int32(payload.count).bigEndian) { Array($0) } + payload
}
