import Glibc

/// A TCP connection whose calls block: for tools and tests, never for the data path.
public final class BlockingSocket: Sendable {
    private let descriptor: FileDescriptor
    private let subject: String

    /// Takes over a connected socket.
    ///
    /// - Parameters:
    ///   - subject: what errors call it, such as the other side's address.
    ///   - timeoutSeconds: the longest that one call waits; it then fails with `EAGAIN`.
    public init(owning descriptor: consuming FileDescriptor, _ subject: String, timeoutSeconds: Int) {
        Self.setTimeout(descriptor.raw, timeoutSeconds)
        var on: Int32 = 1
        setsockopt(descriptor.raw, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        self.descriptor = descriptor
        self.subject = subject
    }

    /// Connects to `endpoint`, trying all of its host's addresses in turn.
    ///
    /// - Throws: `SystemError` about `resolve` with `EHOSTUNREACH` when the host has no address, about `connect` with
    ///   `EINPROGRESS` when nobody answers in time.
    public convenience init(connectingTo endpoint: Endpoint, timeoutSeconds: Int) throws(SystemError) {
        let raw = try endpoint.withAddresses(passive: false, unknown: EHOSTUNREACH) { (first) throws(SystemError) in
            var address = first.pointee
            while true {
                do throws(SystemError) {
                    return try Self.connect(address, endpoint, timeoutSeconds)
                } catch {
                    guard let next = address.ai_next else { throw error }
                    address = next.pointee
                }
            }
        }
        self.init(owning: FileDescriptor(owning: raw), endpoint.description, timeoutSeconds: timeoutSeconds)
    }

    private static func connect(
        _ address: addrinfo, _ endpoint: Endpoint, _ timeoutSeconds: Int
    ) throws(SystemError) -> Int32 {
        let raw = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { throw SystemError("socket", endpoint.description) }
        let descriptor = FileDescriptor(owning: raw)
        setTimeout(raw, timeoutSeconds)
        guard retryingInterrupts({ Glibc.connect(raw, address.ai_addr, address.ai_addrlen) }) == 0 else {
            throw SystemError("connect", endpoint.description)
        }
        return descriptor.release()
    }

    private static func setTimeout(_ raw: Int32, _ seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(raw, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    /// The descriptor's number, valid as long as the socket is held.
    public var raw: Int32 { descriptor.raw }

    /// Sends all bytes.
    public func send(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = retryingInterrupts {
                Glibc.send(raw, bytes.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw SystemError("send", subject) }
            done += count
        }
    }

    /// Sends all bytes.
    public func send(_ bytes: [UInt8]) throws(SystemError) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(SystemError) in try send(UnsafeRawBufferPointer(buffer)) }
    }

    /// Receives what is there, at least a byte; 0 at the end.
    public func receiveSome(_ bytes: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        let count = retryingInterrupts { recv(raw, bytes.baseAddress, bytes.count, 0) }
        guard count >= 0 else { throw SystemError("recv", subject) }
        return count
    }

    /// Fills `bytes`.
    ///
    /// - Throws: `SystemError` about `recv` with `ECONNRESET` when the connection ends before.
    public func receive(_ bytes: UnsafeMutableRawBufferPointer) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = try receiveSome(UnsafeMutableRawBufferPointer(rebasing: bytes[done...]))
            guard count > 0 else { throw SystemError("recv", subject, code: ECONNRESET) }
            done += count
        }
    }

    /// Says that nothing more will be sent. The C function is `shutdown`.
    public func finishSending() { shutdown(raw, Int32(SHUT_WR)) }
}
