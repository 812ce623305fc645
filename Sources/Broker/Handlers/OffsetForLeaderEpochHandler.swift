import CommitLog
import KafkaWire

/// OffsetForLeaderEpoch (API 23): where an epoch ended, by which a client detects a truncated log (KIP-320).
enum OffsetForLeaderEpochHandler {
    static func handle(_ request: OffsetForLeaderEpochRequest, _ context: RequestContext) {
        context.answer(
            OffsetForLeaderEpochResponse(
                topics: request.topics.map { topic in
                    let known = context.core.catalog.topic(topic.name)
                    return OffsetForLeaderEpochResponse.Topic(
                        name: topic.name, partitions: topic.partitions.map { answer($0, known) })
                }))
    }

    private static func answer(
        _ wanted: OffsetForLeaderEpochRequest.Partition, _ topic: Topic?
    ) -> OffsetForLeaderEpochResponse.Partition {
        var answer = OffsetForLeaderEpochResponse.Partition(index: wanted.index)
        guard let log = topic?.partition(wanted.index) else {
            answer.errorCode = .unknownTopicOrPartition
            return answer
        }
        if let refusal = BrokerCore.refusal(ofLeaderEpoch: wanted.currentLeaderEpoch) {
            answer.errorCode = refusal
            return answer
        }
        // The only epoch there is has not ended; of later ones nothing is known.
        if wanted.leaderEpoch == BrokerCore.leaderEpoch {
            answer.leaderEpoch = BrokerCore.leaderEpoch
            answer.endOffset = log.endOffset
        }
        return answer
    }
}
