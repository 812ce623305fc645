import KafkaWire
import System

/// OffsetCommit (API 8): answered once the offsets are durable.
enum OffsetCommitHandler {
    static func handle(_ request: OffsetCommitRequest, _ context: RequestContext) {
        let options = context.core.options.groups
        let isByID = context.version >= OffsetCommitRequest.topicIDVersionMin
        var entries: [(key: OffsetKey, value: CommittedOffset?)] = []
        let now = context.core.clock.wallMilliseconds
        let expires = request.retentionMilliseconds >= 0 ? now + request.retentionMilliseconds : nil
        let topics = request.topics.map { topic in
            let catalog = context.core.catalog
            let known = isByID ? catalog.topic(id: topic.id) : catalog.topic(topic.name)
            let missing: ErrorCode = isByID ? .unknownTopicID : .unknownTopicOrPartition
            return OffsetCommitResponse.Topic(
                name: topic.name, id: topic.id,
                partitions: topic.partitions.map { partition in
                    let error = known.map { check(partition, $0, options) } ?? missing
                    if let known, error == .none {
                        let key = OffsetKey(group: request.groupID, topic: known.name, partition: partition.index)
                        let value = CommittedOffset(
                            offset: partition.offset, leaderEpoch: partition.leaderEpoch,
                            metadata: partition.metadata ?? "",
                            committedMilliseconds: partition.commitTimestamp >= 0 ? partition.commitTimestamp : now,
                            expiresMilliseconds: expires)
                        entries.append((key, value))
                    }
                    return OffsetCommitResponse.Partition(index: partition.index, errorCode: error)
                })
        }
        let response = OffsetCommitResponse(topics: topics)
        guard !entries.isEmpty else { return context.answer(response) }
        let identity = ClassicGroup.Identity(
            memberID: request.memberID, instanceID: request.groupInstanceID, generation: request.generation)
        context.core.groups.commit(request.groupID, identity, version: context.version, entries) { error in
            context.onShard { context.answer(response.failing(error), counting: error) }
        }
    }

    private static func check(_ partition: OffsetCommitRequest.Partition, _ topic: Topic, _ options: GroupOptions)
        -> ErrorCode
    {
        guard topic.partition(partition.index) != nil else { return .unknownTopicOrPartition }
        guard (partition.metadata?.utf8.count ?? 0) <= options.offsetMetadataBytesMax else {
            return .offsetMetadataTooLarge
        }
        return .none
    }
}

extension OffsetCommitResponse {
    /// The response in which everything that was right before has failed, if it has.
    fileprivate func failing(_ error: ErrorCode) -> OffsetCommitResponse {
        guard error != .none else { return self }
        var response = self
        for topic in response.topics.indices {
            for partition in response.topics[topic].partitions.indices
            where response.topics[topic].partitions[partition].errorCode == .none {
                response.topics[topic].partitions[partition].errorCode = error
            }
        }
        return response
    }
}
