import CommitLog
import KafkaWire

/// DeleteRecords (API 21): moves the first offset of partitions, durably.
enum DeleteRecordsHandler {
    /// The offset that stands for the high watermark.
    private static let highWatermark: Int64 = -1

    static func handle(_ request: DeleteRecordsRequest, _ context: RequestContext) {
        let core = context.core
        context.onWorker {
            DeleteRecordsResponse(
                topics: request.topics.map { topic in
                    DeleteRecordsResponse.Topic(
                        name: topic.name, partitions: topic.partitions.map { delete(topic.name, $0, core) })
                })
        } then: { response in
            for partition in response.topics.flatMap(\.partitions) where partition.errorCode != .none {
                context.count(partition.errorCode)
            }
            context.answer(response)
        }
    }

    private static func delete(
        _ name: String, _ wanted: DeleteRecordsRequest.Partition, _ core: BrokerCore
    ) -> DeleteRecordsResponse.Partition {
        var answer = DeleteRecordsResponse.Partition(index: wanted.index)
        guard let topic = core.catalog.topic(name), let log = topic.partition(wanted.index) else {
            answer.errorCode = .unknownTopicOrPartition
            return answer
        }
        guard !topic.isInternal else {
            answer.errorCode = .invalidTopicException
            return answer
        }
        // What a topic keeps for ever by its policy is not given up by hand either.
        guard topic.configuration.isDeleting(core.settings.broker) else {
            answer.errorCode = .policyViolation
            return answer
        }
        do throws(LogError) {
            try log.deleteRecords(before: wanted.offset == highWatermark ? log.highWatermark : wanted.offset)
            answer.lowWatermark = log.startOffset
        } catch {
            answer.errorCode = error.errorCode
        }
        return answer
    }
}
