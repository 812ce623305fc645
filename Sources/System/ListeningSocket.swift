import CLinux
import Glibc

/// A non-blocking TCP socket that listens.
public struct ListeningSocket: ~Copyable, Sendable {
    /// The socket, which closes with its owner.
    public let descriptor: FileDescriptor
    /// Where it really listens: a port of 0 has become a free one.
    public let endpoint: Endpoint

    /// Listens at `endpoint`.
    ///
    /// - Throws: `SystemError` about `bind` with `EADDRINUSE` when another process has the port.
    public init(_ endpoint: Endpoint, backlog: Int32 = 1024) throws(SystemError) {
        let raw = try endpoint.withAddresses(passive: true, unknown: EADDRNOTAVAIL) { (first) throws(SystemError) in
            let raw = cl_stream_socket(first.pointee.ai_family)
            guard raw >= 0 else { throw SystemError("socket", endpoint.description) }
            let owned = FileDescriptor(owning: raw)
            var on: Int32 = 1
            setsockopt(raw, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
            guard Glibc.bind(raw, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
                throw SystemError("bind", endpoint.description)
            }
            guard Glibc.listen(raw, backlog) == 0 else { throw SystemError("listen", endpoint.description) }
            return owned.release()
        }
        let owned = FileDescriptor(owning: raw)
        self.endpoint = Endpoint(host: endpoint.host, port: try Self.localPort(raw, endpoint))
        descriptor = owned
    }

    /// Hands the socket over to the caller, who must close it.
    public consuming func release() -> Int32 { descriptor.release() }

    private static func localPort(_ raw: Int32, _ endpoint: Endpoint) throws(SystemError) -> UInt16 {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(raw, $0, &length) }
        }
        guard code == 0 else { throw SystemError("getsockname", endpoint.description) }
        // The port stands at the same place in sockaddr_in and sockaddr_in6.
        return withUnsafeBytes(of: &storage) { UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self)) }
    }
}
