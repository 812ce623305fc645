import Glibc
import System

/// A TCP client of tests, whose every wait ends after 20 s.
public final class SocketClient {
    private let socket: BlockingSocket

    /// Connects.
    public init(_ endpoint: Endpoint) throws(SystemError) {
        socket = try BlockingSocket(connectingTo: endpoint, timeoutSeconds: 20)
    }

    /// `int32 size` and payload.
    public static func message(_ payload: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: Int32(payload.count).bigEndian) { Array($0) } + payload
    }

    /// Sends all bytes.
    public func send(_ bytes: [UInt8]) throws(SystemError) { try socket.send(bytes) }

    /// Sends each payload behind its size, all at once.
    public func sendMessages(_ payloads: [UInt8]...) throws(SystemError) { try send(payloads.flatMap(Self.message)) }

    /// Sends what fits without waiting; returns how much that was.
    public func sendWithoutWaiting(_ bytes: [UInt8]) -> Int {
        max(0, Glibc.send(socket.raw, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)))
    }

    /// Exactly `count` bytes, or fewer when the connection ends first.
    public func receive(_ count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            do throws(SystemError) {
                let more = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(SystemError) in
                    try socket.receiveSome(
                        UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[done...]))
                }
                if more == 0 { break }
                done += more
            } catch  where error.code == ECONNRESET {
                break
            }
        }
        return Array(bytes[..<done])
    }

    /// One message of `int32 size` and payload; nil at the end of the connection.
    public func receiveMessage() throws(SystemError) -> [UInt8]? {
        let head = try receive(4)
        guard head.count == 4 else { return nil }
        let count = head.reduce(0) { $0 << 8 | Int($1) }
        let payload = try receive(count)
        return payload.count == count ? payload : nil
    }

    /// Whether the server has ended the connection, waiting for it.
    public func isEnded() throws(SystemError) -> Bool { try receive(1).isEmpty }

    /// Lets the connection end with a reset when the client goes away.
    public func resetAtEnd() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket.raw, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }
}
