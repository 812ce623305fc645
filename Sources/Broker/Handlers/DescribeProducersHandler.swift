import CommitLog
import KafkaWire

/// DescribeProducers (API 61): the producers that partitions remember.
enum DescribeProducersHandler {
    static func handle(_ request: DescribeProducersRequest, _ context: RequestContext) {
        context.answer(
            DescribeProducersResponse(
                topics: request.topics.map { topic in
                    let found = context.core.catalog.topic(topic.name)
                    return DescribeProducersResponse.Topic(
                        name: topic.name, partitions: topic.partitions.map { partition($0, found) })
                }))
    }

    private static func partition(_ index: Int32, _ topic: Topic?) -> DescribeProducersResponse.Partition {
        guard let log = topic?.partition(index) else {
            return DescribeProducersResponse.Partition(index: index, errorCode: .unknownTopicOrPartition)
        }
        return DescribeProducersResponse.Partition(
            index: index,
            producers: log.producerStatuses.map { producer in
                DescribeProducersResponse.Producer(
                    id: producer.producerID, epoch: Int32(producer.epoch), lastSequence: producer.lastSequence,
                    lastTimestamp: producer.lastSeenMilliseconds, coordinatorEpoch: producer.coordinatorEpoch,
                    transactionStartOffset: producer.transactionStart ?? -1)
            })
    }
}
