import KafkaWire
import System

/// OffsetCommit (API 8): answered once the offsets are durable.
enum OffsetCommitHandler {
    static func handle(_ request: OffsetCommitRequest, _ context: RequestContext) {
        let refusal = refusal(request)
        var entries: [(key: OffsetKey, value: CommittedOffset?)] = []
        let now = context.core.clock.wallMilliseconds
        let topics = request.topics.map { topic in
            let known = context.core.catalog.topic(topic.name)
            return OffsetCommitResponse.Topic(
                name: topic.name,
                partitions: topic.partitions.map { partition in
                    let error = refusal ?? check(partition, known)
                    if error == .none {
                        let key = OffsetKey(group: request.groupID, topic: topic.name, partition: partition.index)
                        let value = CommittedOffset(
                            offset: partition.offset, leaderEpoch: partition.leaderEpoch,
                            metadata: partition.metadata ?? "",
                            committedMilliseconds: partition.commitTimestamp >= 0 ? partition.commitTimestamp : now)
                        entries.append((key, value))
                    }
                    return OffsetCommitResponse.Partition(index: partition.index, errorCode: error)
                })
        }
        let response = OffsetCommitResponse(topics: topics)
        guard !entries.isEmpty else { return context.answer(response) }
        context.core.offsets.commit(entries) { failure in
            context.onShard { context.answer(response.failing(failure)) }
        }
    }

    /// Why nothing of the request can be taken; nil when it can.
    private static func refusal(_ request: OffsetCommitRequest) -> ErrorCode? {
        guard !request.groupID.isEmpty else { return .invalidGroupID }
        // Only a group without members commits here: nobody has a generation or a member's name.
        if request.generation >= 0 { return .illegalGeneration }
        return request.memberID.isEmpty ? nil : .unknownMemberID
    }

    private static func check(_ partition: OffsetCommitRequest.Partition, _ topic: Topic?) -> ErrorCode {
        guard topic?.partition(partition.index) != nil else { return .unknownTopicOrPartition }
        guard (partition.metadata?.utf8.count ?? 0) <= OffsetStore.metadataBytesMax else {
            return .offsetMetadataTooLarge
        }
        return .none
    }
}

extension OffsetCommitResponse {
    /// The response in which everything that was right before has failed, if it has.
    fileprivate func failing(_ failure: BrokerError?) -> OffsetCommitResponse {
        guard let failure else { return self }
        var response = self
        let code: ErrorCode = failure.kind == .limitReached ? .policyViolation : failure.errorCode
        for topic in response.topics.indices {
            for partition in response.topics[topic].partitions.indices
            where response.topics[topic].partitions[partition].errorCode == .none {
                response.topics[topic].partitions[partition].errorCode = code
            }
        }
        return response
    }
}
