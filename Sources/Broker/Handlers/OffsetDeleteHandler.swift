import KafkaWire

/// OffsetDelete (API 47): forgets offsets of topics that the group does not read; answered when that is durable.
enum OffsetDeleteHandler {
    static func handle(_ request: OffsetDeleteRequest, _ context: RequestContext) {
        let known = request.topics.flatMap { topic in
            topic.partitions.map { OffsetStore.TopicKey(topic: topic.name, partition: $0.index) }
        }.filter { context.core.catalog.topic($0.topic)?.partition($0.partition) != nil }
        let topics = request.topics
        context.core.groups.deleteOffsets(request.groupID, known) { whole, errors in
            let told = Dictionary(zip(known, errors)) { first, _ in first }
            let response = OffsetDeleteResponse(
                errorCode: whole, topics: whole == .none ? topics.map { result($0, told) } : [])
            context.onShard { context.answer(response, counting: whole) }
        }
    }

    private static func result(
        _ topic: OffsetDeleteRequest.Topic, _ told: [OffsetStore.TopicKey: ErrorCode]
    ) -> OffsetDeleteResponse.Topic {
        OffsetDeleteResponse.Topic(
            name: topic.name,
            partitions: topic.partitions.map { partition in
                let key = OffsetStore.TopicKey(topic: topic.name, partition: partition.index)
                return OffsetDeleteResponse.Partition(
                    index: partition.index, errorCode: told[key] ?? .unknownTopicOrPartition)
            })
    }
}
