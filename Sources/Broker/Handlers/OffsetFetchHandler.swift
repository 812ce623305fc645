import KafkaWire

/// OffsetFetch (API 9). A group or partition that nothing is known of has offset -1 and no error.
enum OffsetFetchHandler {
    static func handle(_ request: OffsetFetchRequest, _ context: RequestContext) {
        let offsets = context.core.offsets
        context.answer(
            OffsetFetchResponse(
                groups: request.groups.map { group in
                    OffsetFetchResponse.Group(
                        groupID: group.groupID,
                        topics: group.topics.map { topics($0, group.groupID, offsets) }
                            ?? everything(group.groupID, offsets))
                }))
    }

    private static func topics(
        _ topics: [OffsetFetchRequest.Topic], _ group: String, _ offsets: OffsetStore
    ) -> [OffsetFetchResponse.Topic] {
        topics.map { topic in
            OffsetFetchResponse.Topic(
                name: topic.name,
                partitions: topic.partitions.map { index in
                    let key = OffsetKey(group: group, topic: topic.name, partition: index)
                    return partition(index, offsets.committed(key))
                })
        }
    }

    private static func everything(_ group: String, _ offsets: OffsetStore) -> [OffsetFetchResponse.Topic] {
        Dictionary(grouping: offsets.committed(group: group), by: \.key.topic).sorted { $0.key < $1.key }.map {
            OffsetFetchResponse.Topic(
                name: $0.key,
                partitions: $0.value.sorted { $0.key.partition < $1.key.partition }.map {
                    partition($0.key.partition, $0.value)
                })
        }
    }

    private static func partition(_ index: Int32, _ committed: CommittedOffset?) -> OffsetFetchResponse.Partition {
        guard let committed else { return OffsetFetchResponse.Partition(index: index) }
        return OffsetFetchResponse.Partition(
            index: index, offset: committed.offset, leaderEpoch: committed.leaderEpoch, metadata: committed.metadata)
    }
}
