import CRdKafka
import Streams

/// One request of librdkafka's administration interface, and the wait for its answer.
final class AdministrativeOperation {
    /// How long the request may take.
    let options: OpaquePointer?
    /// Where its answer arrives.
    let queue: OpaquePointer?
    private let handle: ClusterHandle
    private let what: String

    /// Prepares a request of a kind; `what` begins the texts of its failures.
    init(_ handle: ClusterHandle, _ kind: rd_kafka_admin_op_t, _ what: String) {
        self.handle = handle
        self.what = what
        options = rd_kafka_AdminOptions_new(handle.raw, kind)
        queue = rd_kafka_queue_new(handle.raw)
        let timeout = ClusterConfiguration.requestTimeoutMilliseconds
        rd_kafka_AdminOptions_set_request_timeout(options, timeout, nil, 0)
        if kind == RD_KAFKA_ADMIN_OP_CREATETOPICS || kind == RD_KAFKA_ADMIN_OP_DELETETOPICS {
            rd_kafka_AdminOptions_set_operation_timeout(options, timeout, nil, 0)
        }
    }

    deinit {
        rd_kafka_queue_destroy(queue)
        rd_kafka_AdminOptions_destroy(options)
    }

    /// Waits for the answer and hands it to `body`.
    func wait(_ body: (OpaquePointer) throws(StreamError) -> Void) throws(StreamError) {
        let patience = 2 * ClusterConfiguration.requestTimeoutMilliseconds
        guard let event = rd_kafka_queue_poll(queue, patience) else {
            throw handle.error(RD_KAFKA_RESP_ERR__TIMED_OUT, what)
        }
        defer { rd_kafka_event_destroy(event) }
        let code = rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw handle.error(code, what, detail: String(cString: rd_kafka_event_error_string(event)))
        }
        handle.answered()
        try body(event)
    }
}
