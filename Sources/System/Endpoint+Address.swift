import Glibc

extension Endpoint {
    /// Looks the host up and hands the list of its socket addresses to `body`. The C function is `getaddrinfo`.
    ///
    /// - Parameters:
    ///   - passive: for sockets that listen.
    ///   - unknown: the error code when the host has no address.
    func withAddresses<R>(
        passive: Bool, unknown: Int32, _ body: (UnsafeMutablePointer<addrinfo>) throws(SystemError) -> R
    ) throws(SystemError) -> R {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        if passive { hints.ai_flags = AI_PASSIVE }
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &found)
        guard code == 0, let first = found else {
            throw SystemError("resolve", description, code: code == EAI_SYSTEM ? errno : unknown)
        }
        defer { freeaddrinfo(first) }
        return try body(first)
    }
}
