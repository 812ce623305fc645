import CLinux
import Glibc
import Observability
import System

/// A socket that hands new connections to a closure on its loop.
public final class TCPListener: EventHandler {
    /// How long nothing is accepted when the process has no more descriptors.
    static let pauseMilliseconds = 100
    /// Connections taken in one turn at most, so that others are served too.
    static let acceptedPerTurnMax = 64

    /// Where it listens; a port of 0 has become a real one.
    public let endpoint: Endpoint
    private let socket: Int32
    private let loop: EventLoop
    private var accepted: ((_ socket: consuming FileDescriptor, _ remote: Endpoint) -> Void)?
    private var registration: Registration?
    private let log = Log("listener")

    /// Listens at `endpoint` as soon as the loop runs; called on the loop or before it runs.
    ///
    /// - Parameter accepted: takes each new connection: a non-blocking socket and the client's address.
    public init(
        _ endpoint: Endpoint, _ loop: EventLoop,
        accepted: @escaping (_ socket: consuming FileDescriptor, _ remote: Endpoint) -> Void
    ) throws(ListenError) {
        do throws(SystemError) {
            let listening = try ListeningSocket(endpoint)
            self.endpoint = listening.endpoint
            self.socket = listening.release()
            self.loop = loop
            self.accepted = accepted
            do throws(SystemError) {
                registration = try loop.register(socket, .readable, self)
            } catch {
                Glibc.close(socket)
                throw error
            }
        } catch {
            throw ListenError(endpoint: endpoint, cause: error)
        }
    }

    /// Stops listening.
    public func close() {
        guard let registration else { return }
        loop.deregister(registration)
        self.registration = nil
        accepted = nil
        Glibc.close(socket)
    }

    public func loopStopped() { close() }

    public func ready(_ events: Readiness) {
        for _ in 0..<Self.acceptedPerTurnMax {
            guard registration != nil, let accepted else { return }
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let raw = withUnsafeMutablePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { cl_accept(socket, $0, &length) }
            }
            if raw >= 0 {
                accepted(FileDescriptor(owning: raw), Endpoint(storage) ?? Endpoint(host: "unknown", port: 0))
                continue
            }
            switch errno {
            case EAGAIN: return
            case EINTR, ECONNABORTED, EPROTO, EPERM: continue
            default: return pause(errno)
            }
        }
    }

    /// Looks away for a moment: the connection that cannot be accepted would otherwise wake the loop without end.
    private func pause(_ code: Int32) {
        guard let registration else { return }
        let reason = String(cString: strerror(code))
        log.warningOncePerMinute(cause: "accept", "cannot accept connections on \(endpoint): \(reason)")
        loop.modify(registration, [])
        loop.schedule(afterMilliseconds: Self.pauseMilliseconds) { [weak self] in
            guard let self, let registration = self.registration else { return }
            self.loop.modify(registration, .readable)
        }
    }
}
