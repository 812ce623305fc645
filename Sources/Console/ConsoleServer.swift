import CAssets
import CMicroHTTPD
import Glibc
import Observability
import Streams
import System

/// Whether the appliance can work, and if not, why.
public struct Readiness: Sendable {
    /// Reasons why it is not ready; empty when it is.
    public let reasons: [String]

    /// Ready when there are no `reasons`.
    public init(reasons: [String] = []) { self.reasons = reasons }
}

/// The web console: one page, its JSON interface, `/metrics`, `/ready` and `/live`.
///
/// Requests are parsed and served by libmicrohttpd on its own threads. They never touch the data path: live values come
/// from a model that one thread keeps up to date through `Streams`.
public final class ConsoleServer: Sendable {
    /// Threads that serve requests.
    static let threadCount: UInt32 = 2
    /// Connections beyond this are refused.
    static let connectionsMax: UInt32 = 100
    /// An idle connection is closed after this time.
    static let idleSecondsMax: UInt32 = 60
    /// Memory for the head of one request.
    static let headBytesMax = 32 * 1024

    /// Where it listens.
    public let endpoint: Endpoint
    private let router: Router
    private let model: LiveModel
    private let stop = StopSignal()
    private let modelThread: Thread
    // The daemon is started in `init` and stopped once in `close`; libmicrohttpd locks it itself.
    private nonisolated(unsafe) let daemon: OpaquePointer

    /// Serves at `endpoint` until `close`.
    ///
    /// - Parameters:
    ///   - hosts: further names that a browser may use in its address bar; loopback names are always allowed.
    ///   - readiness: asked at each `/ready`.
    public init(
        _ endpoint: Endpoint, hosts: [String] = [], streams: any Streams, metrics: Metrics,
        clock: any Clock = SystemClock(), readiness: @escaping @Sendable () -> Readiness
    ) throws(ConsoleError) {
        let socket: ListeningSocket
        do {
            socket = try ListeningSocket(endpoint)
        } catch {
            let hint = error.code == EADDRINUSE ? "; stop what uses it or choose another with --console HOST:PORT" : ""
            throw ConsoleError(description: "cannot serve the console at \(endpoint): \(error.reason)\(hint)")
        }
        let served = socket.endpoint
        let model = LiveModel(streams: streams, clock: clock)
        let allowed = ["localhost", "127.0.0.1", "::1", served.host] + hosts
        let router = Router(model: model, metrics: metrics, hosts: Set(allowed), readiness: readiness)
        let context = Unmanaged.passUnretained(router).toOpaque()
        let raw = socket.release()
        guard
            let daemon = cm_start(
                raw, Self.threadCount, Self.connectionsMax, Self.idleSecondsMax, Self.headBytesMax, handleRequest,
                context)
        else {
            Glibc.close(raw)
            throw ConsoleError(description: "cannot serve the console at \(endpoint): libmicrohttpd did not start")
        }
        self.daemon = daemon
        self.endpoint = served
        self.router = router
        self.model = model
        let stop = self.stop
        modelThread = Thread("console") { model.run(until: stop) }
    }

    /// Stops serving; open requests are ended. Must be called once.
    public func close() {
        MHD_stop_daemon(daemon)
        stop.request()
        modelThread.join()
    }
}

/// Called by libmicrohttpd for each request, on one of its threads.
private let handleRequest: MHD_AccessHandlerCallback = { context, connection, url, method, _, _, uploadCount, _ in
    guard let context, let connection, let url, let method, let uploadCount else { return .NO }
    guard uploadCount.pointee == 0 else { return .NO }
    let router = Unmanaged<Router>.fromOpaque(context).takeUnretainedValue()
    func header(_ name: String) -> String? {
        MHD_lookup_connection_value(connection, .HEADER_KIND, name).map { String(cString: $0) }
    }
    let instrument = MHD_lookup_connection_value(connection, .GET_ARGUMENT_KIND, "instrument")
    let response = router.answer(
        method: String(cString: method), path: String(cString: url), host: header("Host"),
        instrument: instrument.map { String(cString: $0) })
    return queue(response, on: connection)
}

/// Hands a response to libmicrohttpd.
private func queue(_ response: Response, on connection: OpaquePointer) -> MHD_Result {
    let made: OpaquePointer?
    switch response.body {
    case .bytes(let bytes):
        made = bytes.withUnsafeBytes {
            MHD_create_response_from_buffer(
                $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
        }
    case .asset(let asset):
        made = MHD_create_response_from_buffer(
            asset.count, UnsafeMutableRawPointer(mutating: asset.bytes), .RESPMEM_PERSISTENT)
    }
    guard let made else { return .NO }
    defer { MHD_destroy_response(made) }
    MHD_add_response_header(made, "Content-Type", response.type)
    for (name, value) in Router.commonHeaders + response.headers { MHD_add_response_header(made, name, value) }
    return MHD_queue_response(connection, response.status, made)
}
