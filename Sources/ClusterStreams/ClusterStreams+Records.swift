import CRdKafka
import Streams

extension ClusterStreams {
    public func deleteRecords(
        before offsets: [TopicPartition: Int64]
    ) throws(StreamError) -> [TopicPartition: Int64] {
        guard !offsets.isEmpty else { return [:] }
        let handle = try handle()
        let what = "deleting records"
        // librdkafka waits for unknown topics to appear, and takes negative offsets for words.
        var known: [String: Int32] = [:]
        for name in Set(offsets.keys.map(\.topic)) {
            known[name] = try Self.lookUp(name, handle)?.partitionCount ?? 0
        }
        for (partition, offset) in offsets {
            guard partition.partition >= 0, partition.partition < known[partition.topic] ?? 0 else {
                throw StreamError(.unknownTopic, "\(what) of \(partition): the partition does not exist")
            }
            guard offset >= 0 else {
                throw StreamError(.offsetOutOfRange, "\(what) of \(partition): there is no offset \(offset)")
            }
        }
        let list = PartitionList(Array(offsets.keys)) { offsets[$0] ?? 0 }
        guard let request = rd_kafka_DeleteRecords_new(list.raw) else { throw StreamError(.invalidArgument, what) }
        defer { rd_kafka_DeleteRecords_destroy(request) }
        let operation = AdministrativeOperation(handle, RD_KAFKA_ADMIN_OP_DELETERECORDS, what)
        var requests: OpaquePointer? = request
        rd_kafka_DeleteRecords(handle.raw, &requests, 1, operation.options, operation.queue)
        var first: [TopicPartition: Int64] = [:]
        try operation.wait { (event) throws(StreamError) in
            let result = rd_kafka_event_DeleteRecords_result(event)
            guard let answered = rd_kafka_DeleteRecords_result_offsets(result) else { return }
            for element in PartitionList.elements(answered) {
                guard element.error == RD_KAFKA_RESP_ERR_NO_ERROR else {
                    throw handle.error(
                        element.error, "\(what) of \(element.partition)", detail: Self.explanation(element.error))
                }
                first[element.partition] = element.offset
            }
        }
        return first
    }

    /// What librdkafka's sentence for a code leaves open here; nil when it says enough.
    private static func explanation(_ code: rd_kafka_resp_err_t) -> String? {
        switch code {
        case RD_KAFKA_RESP_ERR_POLICY_VIOLATION: "the topic's cleanup.policy has no delete"
        case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE: "the offset is behind the last record"
        default: nil
        }
    }
}
