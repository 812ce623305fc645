import CRdKafka
import Glibc
import Streams
import Synchronization

/// One `rd_kafka_t` with its threads and connections; destroyed when the last owner lets go.
final class ClusterHandle: @unchecked Sendable {
    // Unchecked: librdkafka's handles may be used from any thread.

    /// What librdkafka's callbacks see of a handle.
    final class Context: Sendable {
        /// The latest line about a failed connection.
        let lastFailure = Mutex<String?>(nil)
        /// The first record that failed without anybody being told.
        let firstLoss = Mutex<StreamError?>(nil)
        let isDebugging: Bool

        init(isDebugging: Bool) { self.isDebugging = isDebugging }
    }

    /// librdkafka's own handle.
    let raw: OpaquePointer
    /// What the callbacks of this handle share.
    let context: Context
    private let bootstrapServers: String

    /// A handle for one role. Connections are made in the background; no broker needs to be there yet.
    init(_ configuration: ClusterConfiguration, _ role: ClusterConfiguration.Role) throws(StreamError) {
        let options = try configuration.make(role)
        let context = Context(isDebugging: configuration.isDebugging)
        rd_kafka_conf_set_opaque(options, Unmanaged.passUnretained(context).toOpaque())
        rd_kafka_conf_set_log_cb(options) { handle, _, facility, line in
            ClusterHandle.note(handle, facility, line)
        }
        var kind = RD_KAFKA_CONSUMER
        if case .producer = role {
            kind = RD_KAFKA_PRODUCER
            rd_kafka_conf_set_events(options, Int32(RD_KAFKA_EVENT_DR))
            rd_kafka_conf_set_background_event_cb(options) { _, event, opaque in
                ClusterProducer.deliver(event, opaque)
            }
        }
        var text = [CChar](repeating: 0, count: 512)
        guard let handle = rd_kafka_new(kind, options, &text, text.count) else {
            rd_kafka_conf_destroy(options)
            throw StreamError(.invalidArgument, "client for \(configuration.bootstrapServers): \(string(text))")
        }
        raw = handle
        self.context = context
        bootstrapServers = configuration.bootstrapServers
    }

    deinit {
        rd_kafka_destroy(raw)
    }

    /// The failure of `what`; when no broker answers, the text says which and why.
    func error(_ code: rd_kafka_resp_err_t, _ what: String, detail: String? = nil) -> StreamError {
        let failure = context.lastFailure.withLock { $0 }
        let silent = code == RD_KAFKA_RESP_ERR__TIMED_OUT && failure != nil
        guard silent || ClusterFailure.code(code) == .unreachable else {
            return ClusterFailure.error(code, what, detail: detail)
        }
        return StreamError(
            .unreachable,
            "\(what): no broker answers at \(bootstrapServers): \(failure ?? ClusterFailure.text(code))")
    }

    /// Forgets failures of the past once a broker has answered.
    func answered() { context.lastFailure.withLock { $0 = nil } }

    private static func note(
        _ handle: OpaquePointer?, _ facility: UnsafePointer<CChar>?, _ line: UnsafePointer<CChar>?
    ) {
        guard let handle, let facility, let line, let opaque = rd_kafka_opaque(handle) else { return }
        let context = Unmanaged<Context>.fromOpaque(opaque).takeUnretainedValue()
        let name = String(cString: facility)
        let text = String(cString: line)
        if context.isDebugging {
            let line = Array("\(name): \(text)\n".utf8)
            write(STDERR_FILENO, line, line.count)
        }
        guard name == "FAIL" || name == "ERROR", !text.contains("brokers are down") else { return }
        context.lastFailure.withLock { $0 = essence(text) }
    }

    /// `[thrd:a:1/bootstrap]: a:1/bootstrap: Connect to ... failed (after 0ms in state CONNECT)` without the names of
    /// thread and connection and the state of the connection.
    private static func essence(_ line: String) -> String {
        var text = line[...]
        while let end = text.firstRange(of: ": "),
            text[..<end.lowerBound].contains("/bootstrap")
                || text.hasPrefix("[thrd:")
        {
            text = text[end.upperBound...]
        }
        if text.last == ")", let remark = text.firstRange(of: " (after ") { text = text[..<remark.lowerBound] }
        return String(text)
    }
}
