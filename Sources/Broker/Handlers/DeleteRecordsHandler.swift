import KafkaWire
import Streams

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
        do throws(BrokerError) {
            answer.lowWatermark = try core.catalog.deleteRecords(
                TopicPartition(name, wanted.index), before: wanted.offset == highWatermark ? nil : wanted.offset)
        } catch {
            answer.errorCode = error.errorCode
        }
        return answer
    }
}
