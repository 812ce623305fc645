import CRdKafka
import Streams

extension ClusterStreams {
    public func committedOffsets(
        group: String, _ partitions: [TopicPartition]
    ) throws(StreamError) -> [TopicPartition: Int64] {
        guard !partitions.isEmpty else { return [:] }
        let handle = try handle()
        let what = "committed offsets of group \(group)"
        let list = PartitionList(partitions) { _ in Int64(RD_KAFKA_OFFSET_INVALID) }
        guard let request = rd_kafka_ListConsumerGroupOffsets_new(group, list.raw) else {
            throw StreamError(.invalidArgument, what)
        }
        defer { rd_kafka_ListConsumerGroupOffsets_destroy(request) }
        let operation = AdministrativeOperation(handle, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, what)
        var requests: OpaquePointer? = request
        rd_kafka_ListConsumerGroupOffsets(handle.raw, &requests, 1, operation.options, operation.queue)
        var committed: [TopicPartition: Int64] = [:]
        try operation.wait { (event) throws(StreamError) in
            var count = 0
            let result = rd_kafka_event_ListConsumerGroupOffsets_result(event)
            let groups = rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count)
            for element in try Self.elements(groups, count, handle, what) where element.offset >= 0 {
                guard element.error == RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
                committed[element.partition] = element.offset
            }
        }
        return committed
    }

    public func commit(group: String, _ offsets: [TopicPartition: Int64]) throws(StreamError) {
        guard !offsets.isEmpty else { return }
        let handle = try handle()
        let what = "committing offsets of group \(group)"
        for topic in Set(offsets.keys.map(\.topic)) where try Self.lookUp(topic, handle) == nil {
            throw StreamError(.unknownTopic, "\(what): topic \(topic) does not exist")
        }
        let list = PartitionList(Array(offsets.keys)) { offsets[$0] ?? 0 }
        guard let request = rd_kafka_AlterConsumerGroupOffsets_new(group, list.raw) else {
            throw StreamError(.invalidArgument, what)
        }
        defer { rd_kafka_AlterConsumerGroupOffsets_destroy(request) }
        let operation = AdministrativeOperation(handle, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, what)
        var requests: OpaquePointer? = request
        rd_kafka_AlterConsumerGroupOffsets(handle.raw, &requests, 1, operation.options, operation.queue)
        try operation.wait { (event) throws(StreamError) in
            var count = 0
            let result = rd_kafka_event_AlterConsumerGroupOffsets_result(event)
            let groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(result, &count)
            for element in try Self.elements(groups, count, handle, what) {
                guard element.error != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
                throw handle.error(element.error, "\(what) at \(element.partition)")
            }
        }
    }

    private static func elements(
        _ groups: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, _ handle: ClusterHandle, _ what: String
    ) throws(StreamError) -> [PartitionList.Element] {
        var elements: [PartitionList.Element] = []
        for index in 0..<count {
            let group = groups?[index]
            if let error = rd_kafka_group_result_error(group) {
                throw handle.error(
                    rd_kafka_error_code(error), what, detail: String(cString: rd_kafka_error_string(error)))
            }
            if let list = rd_kafka_group_result_partitions(group) { elements += PartitionList.elements(list) }
        }
        return elements
    }
}
