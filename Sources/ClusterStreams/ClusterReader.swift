import CRdKafka
import Glibc
import Streams

/// Reads partitions of a cluster: no group, no commits, one handle of its own.
///
/// Belongs to one thread at a time. librdkafka fetches ahead on its own threads, at most
/// `ClusterConfiguration.readerQueueKibibytesMax`.
final class ClusterReader: StreamReader {
    /// A reading hands out about this many bytes at most; one record may be larger.
    private static let bytesMax = 4 << 20
    private static let batchCount = 1024
    /// After this many bytes librdkafka is woken; a quarter of what it holds ahead.
    private static let wakeBytes = ClusterConfiguration.readerQueueKibibytesMax * 1024 / 4
    private static let wakeMilliseconds: Int32 = 1000
    /// After this long without a record the cluster is asked whether it is still there, in ns.
    private static let silenceNanoseconds: UInt64 = 30_000_000_000

    let assignments: [TopicPartition]
    private let streams: ClusterStreams
    private var handle: ClusterHandle?
    private var queue: OpaquePointer?
    private var topics: [String: OpaquePointer] = [:]
    private var positions: [Int64]
    /// Assignment by topic handle and partition.
    private var indexes: [Place: Int] = [:]
    private var latest: (place: Place, index: Int)?
    private var pending: StreamError?
    /// Partitions whose next record was removed before it was read; they go on at the first one that is kept.
    private var overtaken: Set<Int> = []
    private var bytesSinceWaking = 0
    private var lastSignNanoseconds = monotonicNanoseconds()
    private let batch = UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>.allocate(capacity: batchCount)

    private struct Place: Hashable {
        let topic: OpaquePointer
        let partition: Int32
    }

    init(_ streams: ClusterStreams, _ assignments: [ReaderAssignment]) throws(StreamError) {
        self.streams = streams
        self.assignments = assignments.map(\.partition)
        positions = []
        guard Set(self.assignments).count == assignments.count else {
            throw StreamError(.invalidArgument, "a reader reads each partition once: \(self.assignments)")
        }
        positions = try Self.resolve(streams, assignments)
        try start(try ClusterHandle(streams.configuration, .reader))
    }

    deinit {
        close()
        batch.deallocate()
    }

    private func start(_ handle: ClusterHandle) throws(StreamError) {
        self.handle = handle
        let queue = rd_kafka_queue_new(handle.raw)
        self.queue = queue
        for (index, partition) in assignments.enumerated() {
            guard let topic = topics[partition.topic] ?? rd_kafka_topic_new(handle.raw, partition.topic, nil) else {
                throw handle.error(rd_kafka_last_error(), "topic \(partition.topic)")
            }
            topics[partition.topic] = topic
            indexes[Place(topic: topic, partition: partition.partition)] = index
            guard rd_kafka_consume_start_queue(topic, partition.partition, positions[index], queue) == 0 else {
                throw handle.error(rd_kafka_last_error(), "reading \(partition)")
            }
        }
    }

    /// The offset that each start means now.
    private static func resolve(
        _ streams: ClusterStreams, _ assignments: [ReaderAssignment]
    ) throws(StreamError) -> [Int64] {
        let watermarks = try streams.watermarks(assignments.map(\.partition))
        var positions: [Int64] = []
        for assignment in assignments {
            let partition = assignment.partition
            guard let range = watermarks[partition] else {
                throw StreamError(.unknownTopic, "partition \(partition) does not exist")
            }
            switch assignment.start {
            case .beginning: positions.append(range.low)
            case .end: positions.append(range.high)
            case .timestamp(let time):
                positions.append(try streams.offset(partition, atOrAfter: time) ?? range.high)
            case .offset(let offset):
                guard (range.low...range.high).contains(offset) else {
                    throw StreamError(
                        .offsetOutOfRange,
                        "offset \(offset) of \(partition) does not exist: it has \(range.low) to \(range.high)")
                }
                positions.append(offset)
            }
        }
        return positions
    }

    func position(_ index: Int) -> Int64 { positions[index] }

    func seek(_ index: Int, to start: StartPosition) throws(StreamError) {
        let handle = try open()
        let partition = assignments[index]
        let target = try Self.resolve(streams, [ReaderAssignment(partition, from: start)])[0]
        // A stopped and restarted partition drops what was fetched for the old place.
        let topic = topics[partition.topic]
        guard rd_kafka_consume_stop(topic, partition.partition) == 0,
            rd_kafka_consume_start_queue(topic, partition.partition, target, queue) == 0
        else { throw handle.error(rd_kafka_last_error(), "reading \(partition) from \(target)") }
        positions[index] = target
        overtaken.remove(index)
    }

    private func open() throws(StreamError) -> ClusterHandle {
        guard let handle else { throw StreamError(.closed, "the reader is closed") }
        _ = try streams.handle()
        return handle
    }

    func read(waitMilliseconds: Int, _ body: (StreamRecord) -> Void) throws(StreamError) -> Int {
        let handle = try open()
        if let failure = pending {
            pending = nil
            throw failure
        }
        for index in overtaken { try seek(index, to: .beginning) }
        let deadline = monotonicNanoseconds() + UInt64(max(0, waitMilliseconds)) * 1_000_000
        var count = 0
        var bytes = 0
        while count == 0, pending == nil {
            let now = monotonicNanoseconds()
            let rest = now < deadline ? Int32((deadline - now + 999_999) / 1_000_000) : 0
            guard let message = rd_kafka_consume_queue(queue, rest) else { break }
            take(message, handle, &count, &bytes, body)
        }
        while count > 0, bytes < Self.bytesMax {
            // As many as will fit if they are like those before them.
            let fitting = min(max((Self.bytesMax - bytes) / (bytes / count), 1), Self.batchCount)
            let received = rd_kafka_consume_batch_queue(queue, 0, batch, fitting)
            guard received > 0 else { break }
            for index in 0..<received { take(batch[index]!, handle, &count, &bytes, body) }
        }
        if count > 0 {
            lastSignNanoseconds = monotonicNanoseconds()
            bytesSinceWaking += bytes
            if bytesSinceWaking >= Self.wakeBytes { wake(handle, bytesPerRecord: bytes / count) }
        } else if let failure = pending {
            pending = nil
            throw failure
        } else {
            try listen(handle)
        }
        return count
    }

    /// Hands one record out, or notes what it says about the partition.
    @inline(__always)
    private func take(
        _ message: UnsafeMutablePointer<rd_kafka_message_t>, _ handle: ClusterHandle, _ count: inout Int,
        _ bytes: inout Int, _ body: (StreamRecord) -> Void
    ) {
        defer { rd_kafka_message_destroy(message) }
        guard let topic = message.pointee.rkt else {
            note(message, handle, nil)
            return
        }
        let place = Place(topic: topic, partition: message.pointee.partition)
        let index: Int
        if let latest, latest.place == place {
            index = latest.index
        } else if let found = indexes[place] {
            index = found
            latest = (place, found)
        } else {
            return
        }
        guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
            note(message, handle, index)
            return
        }
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let timestamp = rd_kafka_message_timestamp(message, &kind)
        let key = message.pointee.key.map { UnsafeRawBufferPointer(start: $0, count: message.pointee.key_len) }
        let value = message.pointee.payload.map { UnsafeRawBufferPointer(start: $0, count: message.pointee.len) }
        body(
            StreamRecord(
                assignment: index, offset: message.pointee.offset,
                timestampMilliseconds: kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : timestamp, key: key,
                value: value, headers: headers(message)))
        positions[index] = message.pointee.offset + 1
        count += 1
        bytes += (value?.count ?? 0) + (key?.count ?? 0) + 64
    }

    private func headers(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> [StreamHeader] {
        var list: OpaquePointer?
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [] }
        var headers: [StreamHeader] = []
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while rd_kafka_header_get_all(list, headers.count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            guard let name else { break }
            let bytes = value.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: size)) }
            headers.append(StreamHeader(key: String(cString: name), value: bytes))
        }
        return headers
    }

    /// A message without a record: the end of a partition, or a failure. librdkafka mends lost connections itself.
    private func note(
        _ message: UnsafeMutablePointer<rd_kafka_message_t>, _ handle: ClusterHandle, _ index: Int?
    ) {
        let code = message.pointee.err
        if code == RD_KAFKA_RESP_ERR__PARTITION_EOF {
            if let index { positions[index] = max(positions[index], message.pointee.offset) }
            lastSignNanoseconds = monotonicNanoseconds()
            return
        }
        guard ClusterFailure.code(code) != .unreachable, ClusterFailure.code(code) != .timedOut else { return }
        let place = index.map { "\(assignments[$0]) at offset \(positions[$0])" } ?? "the assigned partitions"
        if ClusterFailure.code(code) == .offsetOutOfRange, let index { overtaken.insert(index) }
        let detail = rd_kafka_message_errstr(message).map(String.init(cString:))
        pending = pending ?? handle.error(code, "reading \(place)", detail: detail)
    }

    /// Makes librdkafka look at its queues. Once they were full, its thread sleeps up to a second before it fetches again,
    /// whatever was taken meanwhile; any request to a broker ends that sleep.
    ///
    /// Not done near the end of the partitions: all may be fetched then, and the request would queue behind a fetch that
    /// the broker holds until there is more.
    private func wake(_ handle: ClusterHandle, bytesPerRecord: Int) {
        bytesSinceWaking = 0
        var records: Int64 = 0
        for (index, partition) in assignments.enumerated() {
            var low: Int64 = 0
            var high: Int64 = 0
            // What the last fetch has told; asks nobody.
            rd_kafka_get_watermark_offsets(handle.raw, partition.topic, partition.partition, &low, &high)
            records += max(0, high - positions[index])
        }
        let limit = Int64(ClusterConfiguration.readerQueueKibibytesMax * 1024 / max(1, bytesPerRecord))
        guard records > limit else { return }
        let list = PartitionList(assignments) { _ in Int64(RD_KAFKA_OFFSET_END) }
        _ = rd_kafka_offsets_for_times(handle.raw, list.raw, Self.wakeMilliseconds)
    }

    /// Distinguishes a quiet stream from a cluster that is gone.
    private func listen(_ handle: ClusterHandle) throws(StreamError) {
        let now = monotonicNanoseconds()
        guard now - lastSignNanoseconds > Self.silenceNanoseconds else { return }
        lastSignNanoseconds = now
        guard let topic = topics.first?.value else { return }
        _ = try ClusterStreams.metadata(handle, topic: topic)
    }

    func close() {
        guard handle != nil else { return }
        for partition in assignments {
            guard let topic = topics[partition.topic] else { continue }
            rd_kafka_consume_stop(topic, partition.partition)
        }
        if let queue { rd_kafka_queue_destroy(queue) }
        for topic in topics.values { rd_kafka_topic_destroy(topic) }
        topics = [:]
        indexes = [:]
        latest = nil
        queue = nil
        handle = nil
    }
}

/// Nanoseconds since an arbitrary moment. The C function is `clock_gettime(CLOCK_MONOTONIC)`.
func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}
