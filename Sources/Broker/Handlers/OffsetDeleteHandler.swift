import KafkaWire

/// OffsetDelete (API 47): forgets offsets of topics that the group does not read; answered when that is durable.
enum OffsetDeleteHandler {
    static func handle(_ request: OffsetDeleteRequest, _ context: RequestContext) {
        let known = request.topics.flatMap { topic in
            topic.partitions.map { OffsetStore.TopicKey(topic: topic.name, partition: $0.index) }
        }.filter { context.core.catalog.topic($0.topic)?.partition($0.partition) != nil }
        let (topics, group, transactions) = (request.topics, request.groupID, context.core.transactions)
        context.core.groups.deleteOffsets(group, known) { whole, errors in
            let told = Dictionary(zip(known, errors)) { first, _ in first }
            let isGone: (OffsetKey) -> Bool = { key in
                key.group == group
                    && told[OffsetStore.TopicKey(topic: key.topic, partition: key.partition)] == ErrorCode.none
            }
            transactions.forgetOffsets(where: isGone) { failure in
                let whole = whole == .none ? failure?.coordinatorErrorCode ?? .none : whole
                let response = OffsetDeleteResponse(
                    errorCode: whole, topics: whole == .none ? topics.map { result($0, told) } : [])
                context.onShard { context.answer(response, counting: whole) }
            }
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
