import CRdKafka
import Glibc
import Streams

extension ClusterStreams {
    /// How long a cluster may take to make a topic known everywhere, or forgotten, in ms.
    private static let propagationMilliseconds = 5000

    public func createTopic(_ specification: TopicSpecification) throws(StreamError) {
        let handle = try handle()
        let what = "creating topic \(specification.name)"
        var text = [CChar](repeating: 0, count: 512)
        guard
            let topic = rd_kafka_NewTopic_new(
                specification.name, specification.partitionCount, Int32(specification.replicationFactor), &text,
                text.count)
        else { throw StreamError(.invalidArgument, "\(what): \(string(text))") }
        defer { rd_kafka_NewTopic_destroy(topic) }
        for (name, value) in specification.configuration {
            let code = rd_kafka_NewTopic_set_config(topic, name, value)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw ClusterFailure.error(code, "\(what): \(name)") }
        }
        let operation = AdministrativeOperation(handle, RD_KAFKA_ADMIN_OP_CREATETOPICS, what)
        var topics: OpaquePointer? = topic
        rd_kafka_CreateTopics(handle.raw, &topics, 1, operation.options, operation.queue)
        try operation.wait { (event) throws(StreamError) in
            var count = 0
            let results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
            try Self.check(results, count, handle, what)
        }
        try waitUntil("topic \(specification.name) is known everywhere") { (found) in
            found != nil
        } look: {
            () throws(StreamError) in
            try Self.lookUp(specification.name, handle)
        }
    }

    public func deleteTopic(_ name: String) throws(StreamError) {
        let handle = try handle()
        let what = "deleting topic \(name)"
        guard let topic = rd_kafka_DeleteTopic_new(name) else { throw StreamError(.invalidArgument, what) }
        defer { rd_kafka_DeleteTopic_destroy(topic) }
        let operation = AdministrativeOperation(handle, RD_KAFKA_ADMIN_OP_DELETETOPICS, what)
        var topics: OpaquePointer? = topic
        rd_kafka_DeleteTopics(handle.raw, &topics, 1, operation.options, operation.queue)
        try operation.wait { (event) throws(StreamError) in
            var count = 0
            let results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count)
            try Self.check(results, count, handle, what)
        }
        try waitUntil("topic \(name) is gone") {
            $0 == nil
        } look: { () throws(StreamError) in
            try Self.lookUp(name, handle)
        }
    }

    static func check(
        _ results: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, _ handle: ClusterHandle, _ what: String
    ) throws(StreamError) {
        for index in 0..<count {
            let code = rd_kafka_topic_result_error(results?[index])
            guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            throw handle.error(
                code, what, detail: rd_kafka_topic_result_error_string(results?[index]).map(String.init(cString:)))
        }
    }

    /// A cluster answers before all its brokers know; the caller may rely on the outcome, so this waits for it.
    func waitUntil(
        _ what: String, _ isReached: (TopicDescription?) -> Bool,
        look: () throws(StreamError) -> TopicDescription?
    ) throws(StreamError) {
        var waited = 0
        while !isReached(try look()) {
            guard waited < Self.propagationMilliseconds else {
                throw StreamError(.timedOut, "not within \(Self.propagationMilliseconds) ms: \(what)")
            }
            usleep(20_000)
            waited += 20
        }
    }

    public func watermarks(_ partition: TopicPartition) throws(StreamError) -> Watermarks {
        guard let found = try watermarks([partition])[partition] else {
            throw StreamError(.unknownTopic, "partition \(partition) does not exist")
        }
        return found
    }

    public func offset(
        _ partition: TopicPartition, atOrAfter timestampMilliseconds: Int64
    ) throws(StreamError) -> Int64? {
        // Negative numbers mean first and last offset on the wire; no record is older than 0.
        let found = try listOffsets([partition], max(0, timestampMilliseconds))
        guard let offset = found[partition] else {
            throw StreamError(.unknownTopic, "partition \(partition) does not exist")
        }
        return offset < 0 ? nil : offset
    }

    public func statistics() throws(StreamError) -> [PartitionStatistics] {
        let partitions = try topics().flatMap { topic in
            (0..<topic.partitionCount).map { TopicPartition(topic.name, $0) }
        }
        let found = try watermarks(partitions)
        return partitions.compactMap { partition in
            found[partition].map { PartitionStatistics(partition: partition, watermarks: $0, sizeBytes: nil) }
        }
    }

    /// Watermarks of many partitions in two requests to each leader; partitions that do not exist are left out.
    func watermarks(_ partitions: [TopicPartition]) throws(StreamError) -> [TopicPartition: Watermarks] {
        let low = try listOffsets(partitions, Int64(RD_KAFKA_OFFSET_BEGINNING))
        let high = try listOffsets(partitions, Int64(RD_KAFKA_OFFSET_END))
        var found: [TopicPartition: Watermarks] = [:]
        for (partition, low) in low {
            // Between the two answers old records may have been removed.
            if let high = high[partition] { found[partition] = Watermarks(low: min(low, high), high: high) }
        }
        return found
    }

    /// The offsets at a timestamp (ms), or at -2 (first) or -1 (behind the last), by partition; -1 where there is none.
    private func listOffsets(
        _ partitions: [TopicPartition], _ timestamp: Int64
    ) throws(StreamError) -> [TopicPartition: Int64] {
        let handle = try handle()
        // librdkafka waits for an unknown topic to appear until the request times out: asked first, the answer is at once.
        var known: [String: Int32] = [:]
        for name in Set(partitions.map(\.topic)) {
            known[name] = try Self.lookUp(name, handle)?.partitionCount ?? 0
        }
        let existing = partitions.filter { $0.partition >= 0 && $0.partition < known[$0.topic] ?? 0 }
        guard !existing.isEmpty else { return [:] }
        let list = PartitionList(existing) { _ in timestamp }
        let code = rd_kafka_offsets_for_times(
            handle.raw, list.raw, ClusterConfiguration.requestTimeoutMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw handle.error(code, "offsets of \(existing[0])")
        }
        var found: [TopicPartition: Int64] = [:]
        for element in list.elements {
            guard element.error == RD_KAFKA_RESP_ERR_NO_ERROR else {
                if ClusterFailure.code(element.error) == .unknownTopic { continue }
                throw handle.error(element.error, "offset of \(element.partition)")
            }
            found[element.partition] = element.offset
        }
        return found
    }
}
