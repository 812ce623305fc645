import CRdKafka
import Glibc
import Streams
import Synchronization

/// Sends records to a cluster through a handle of its own; librdkafka's background thread reports deliveries.
///
/// Belongs to one thread at a time. When `ClusterConfiguration.producerQueueKibibytesMax` wait for the network, `send`
/// waits too.
final class ClusterProducer: StreamProducer {
    /// How long an unknown topic may take to appear where brokers create topics by themselves, in ms.
    private static let creationMilliseconds = 1000
    /// A record's time of 0 means "now" to librdkafka, so that the first instant of 1970 becomes the next one.
    private static let timestampMillisecondsMin: Int64 = 1

    private let streams: ClusterStreams
    private var handle: ClusterHandle?
    private var topics: [String: OpaquePointer] = [:]
    private var latest: (name: String, topic: OpaquePointer)?
    private let arguments = UnsafeMutablePointer<rd_kafka_vu_t>.allocate(capacity: argumentCountMax)
    private static let argumentCountMax = 8
    /// An address for values that are empty, which differ from absent ones.
    private let empty = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1)

    /// What one record's delivery calls.
    private final class Delivery {
        let report: @Sendable (Result<Int64, StreamError>) -> Void
        init(_ report: @escaping @Sendable (Result<Int64, StreamError>) -> Void) { self.report = report }
    }

    init(_ streams: ClusterStreams, _ options: ProducerOptions) throws(StreamError) {
        self.streams = streams
        arguments.initialize(repeating: rd_kafka_vu_t(), count: Self.argumentCountMax)
        _ = try streams.handle()
        let handle = try ClusterHandle(streams.configuration, .producer(options))
        let source = rd_kafka_queue_get_main(handle.raw)
        let target = rd_kafka_queue_get_background(handle.raw)
        rd_kafka_queue_forward(source, target)
        rd_kafka_queue_destroy(source)
        rd_kafka_queue_destroy(target)
        self.handle = handle
    }

    deinit {
        close()
        arguments.deallocate()
        empty.deallocate()
    }

    /// Reports the deliveries of one event; runs on librdkafka's background thread.
    static func deliver(_ event: OpaquePointer?, _ opaque: UnsafeMutableRawPointer?) {
        guard let event else { return }
        defer { rd_kafka_event_destroy(event) }
        guard rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR, let opaque else { return }
        let context = Unmanaged<ClusterHandle.Context>.fromOpaque(opaque).takeUnretainedValue()
        while let message = rd_kafka_event_message_next(event) {
            let code = message.pointee.err
            if code == RD_KAFKA_RESP_ERR_NO_ERROR, message.pointee._private == nil { continue }
            var result: Result<Int64, StreamError> = .success(max(-1, message.pointee.offset))
            if code != RD_KAFKA_RESP_ERR_NO_ERROR {
                let topic = message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? "?"
                let cause = context.lastFailure.withLock { $0 }
                let text = ClusterFailure.text(code)
                let detail = ClusterFailure.code(code) == .timedOut ? cause.map { "\(text) (\($0))" } : nil
                result = .failure(
                    ClusterFailure.error(code, "sending to \(topic)-\(message.pointee.partition)", detail: detail))
            }
            if let delivery = message.pointee._private {
                Unmanaged<Delivery>.fromOpaque(delivery).takeRetainedValue().report(result)
            } else if case .failure(let failure) = result {
                context.firstLoss.withLock { $0 = $0 ?? failure }
            }
        }
    }

    private func open() throws(StreamError) -> ClusterHandle {
        guard let handle else { throw StreamError(.closed, "the producer is closed") }
        return handle
    }

    private func throwLoss(_ handle: ClusterHandle) throws(StreamError) {
        let loss = handle.context.firstLoss.withLock { loss in
            defer { loss = nil }
            return loss
        }
        if let loss { throw loss }
    }

    /// The handle of a topic; the cluster is asked once whether it exists.
    private func topic(_ name: String, _ handle: ClusterHandle) throws(StreamError) -> OpaquePointer {
        if let latest, latest.name == name { return latest.topic }
        if let topic = topics[name] {
            latest = (name, topic)
            return topic
        }
        _ = try streams.handle()
        guard (1...249).contains(name.utf8.count) else {
            throw StreamError(.invalidArgument, "topic name '\(name)' must have 1 to 249 characters")
        }
        guard let topic = rd_kafka_topic_new(handle.raw, name, nil) else {
            throw handle.error(rd_kafka_last_error(), "topic \(name)")
        }
        do throws(StreamError) {
            try confirm(name, topic, handle)
        } catch {
            rd_kafka_topic_destroy(topic)
            throw error
        }
        topics[name] = topic
        latest = (name, topic)
        return topic
    }

    private func confirm(_ name: String, _ topic: OpaquePointer, _ handle: ClusterHandle) throws(StreamError) {
        var waited = 0
        while true {
            let found = try ClusterStreams.metadata(handle, topic: topic).first
            let code = found?.error ?? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
            switch code {
            case RD_KAFKA_RESP_ERR_NO_ERROR: return
            case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
                guard waited < Self.creationMilliseconds else {
                    throw StreamError(
                        .unknownTopic, "topic \(name) does not exist, and the broker creates none by itself")
                }
            default: throw handle.error(code, "topic \(name)")
            }
            usleep(50_000)
            waited += 50
        }
    }

    func send(
        topic name: String, partition: Int32?, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
        headers: [StreamHeader], timestampMilliseconds: Int64?,
        delivered: (@Sendable (Result<Int64, StreamError>) -> Void)?
    ) throws(StreamError) {
        let handle = try open()
        try throwLoss(handle)
        let topic = try topic(name, handle)
        arguments[0].vtype = RD_KAFKA_VTYPE_RKT
        arguments[0].u.rkt = topic
        arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION
        arguments[1].u.i32 = partition ?? (key == nil ? 0 : RD_KAFKA_PARTITION_UA)
        arguments[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS
        arguments[2].u.i = RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK
        arguments[3].vtype = RD_KAFKA_VTYPE_KEY
        arguments[3].u.mem = .init(ptr: address(key), size: key?.count ?? 0)
        arguments[4].vtype = RD_KAFKA_VTYPE_VALUE
        arguments[4].u.mem = .init(ptr: address(value), size: value?.count ?? 0)
        var count = 5
        if let timestampMilliseconds {
            arguments[count].vtype = RD_KAFKA_VTYPE_TIMESTAMP
            arguments[count].u.i64 = max(Self.timestampMillisecondsMin, timestampMilliseconds)
            count += 1
        }
        var delivery: Unmanaged<Delivery>?
        if let delivered {
            let kept = Unmanaged.passRetained(Delivery(delivered))
            arguments[count].vtype = RD_KAFKA_VTYPE_OPAQUE
            arguments[count].u.ptr = kept.toOpaque()
            delivery = kept
            count += 1
        }
        let list = headers.isEmpty ? nil : Self.list(headers)
        if let list {
            arguments[count].vtype = RD_KAFKA_VTYPE_HEADERS
            arguments[count].u.headers = list
            count += 1
        }
        guard let error = rd_kafka_produceva(handle.raw, arguments, count) else { return }
        if let list { rd_kafka_headers_destroy(list) }
        let code = rd_kafka_error_code(error)
        let detail = String(cString: rd_kafka_error_string(error))
        rd_kafka_error_destroy(error)
        let place = partition.map { "\(name)-\($0)" } ?? name
        let failure = handle.error(code, "sending \(value?.count ?? 0) bytes to \(place)", detail: detail)
        // Whoever asked to be told of the record is told there, as of failures that the broker reports.
        guard let delivery, failure.code != .unknownTopic else {
            delivery?.release()
            throw failure
        }
        delivery.takeRetainedValue().report(.failure(failure))
    }

    private func address(_ bytes: UnsafeRawBufferPointer?) -> UnsafeMutableRawPointer? {
        guard let bytes else { return nil }
        return UnsafeMutableRawPointer(mutating: bytes.baseAddress) ?? empty
    }

    private static func list(_ headers: [StreamHeader]) -> OpaquePointer? {
        let list = rd_kafka_headers_new(headers.count)
        for header in headers {
            if let value = header.value {
                let bytes = value.isEmpty ? [0] : value
                rd_kafka_header_add(list, header.key, -1, bytes, value.count)
            } else {
                rd_kafka_header_add(list, header.key, -1, nil, 0)
            }
        }
        return list
    }

    func flush(timeoutMilliseconds: Int) throws(StreamError) {
        let handle = try open()
        let code = rd_kafka_flush(handle.raw, Int32(clamping: timeoutMilliseconds))
        try throwLoss(handle)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        let count = rd_kafka_outq_len(handle.raw)
        throw handle.error(code, "\(count) records are not delivered after \(timeoutMilliseconds) ms")
    }

    func close() {
        guard let handle else { return }
        // What was not flushed is dropped; the short flush lets the reports of that be made.
        rd_kafka_purge(handle.raw, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
        rd_kafka_flush(handle.raw, 1000)
        for topic in topics.values { rd_kafka_topic_destroy(topic) }
        topics = [:]
        latest = nil
        self.handle = nil
    }
}
