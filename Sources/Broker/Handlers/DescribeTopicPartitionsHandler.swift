import KafkaWire

/// DescribeTopicPartitions (API 75): topics by name, a page at a time.
enum DescribeTopicPartitionsHandler {
    /// Partitions of one answer at most (Kafka `max.request.partition.size.limit`).
    static let partitionsMax = 2000

    static func handle(_ request: DescribeTopicPartitionsRequest, _ context: RequestContext) {
        guard request.cursor.map({ $0.partition >= 0 }) ?? true, request.partitionCountMax >= 1 else {
            context.count(.invalidRequest)
            return context.answer(
                DescribeTopicPartitionsResponse(
                    topics: request.topics.map { .init(errorCode: .invalidRequest, name: $0.name) }))
        }
        context.answer(page(request, context.core))
    }

    private static func page(
        _ request: DescribeTopicPartitionsRequest, _ core: BrokerCore
    ) -> DescribeTopicPartitionsResponse {
        let asked = request.topics.isEmpty ? core.catalog.topics.map(\.name) : Set(request.topics.map(\.name)).sorted()
        var response = DescribeTopicPartitionsResponse()
        var room = min(Int(request.partitionCountMax), partitionsMax)
        for name in asked where name >= request.cursor?.topic ?? "" {
            let first = name == request.cursor?.topic ? Int(request.cursor?.partition ?? 0) : 0
            guard room > 0 else {
                response.nextCursor = .init(topic: name, partition: 0)
                return response
            }
            guard let topic = core.catalog.topic(name) else {
                // A topic that was listed and is gone since is no error.
                if !request.topics.isEmpty { response.topics.append(unknown(name)) }
                continue
            }
            let last = min(topic.partitions.count, first + room)
            response.topics.append(describe(topic, first..<max(first, last), core.options.nodeID))
            room -= max(0, last - first)
            guard last >= topic.partitions.count else {
                response.nextCursor = .init(topic: name, partition: Int32(last))
                return response
            }
        }
        return response
    }

    private static func unknown(_ name: String) -> DescribeTopicPartitionsResponse.Topic {
        let isValid = (try? TopicName.check(name)) != nil
        return .init(errorCode: isValid ? .unknownTopicOrPartition : .invalidTopicException, name: name)
    }

    private static func describe(
        _ topic: Topic, _ range: Range<Int>, _ node: Int32
    ) -> DescribeTopicPartitionsResponse.Topic {
        DescribeTopicPartitionsResponse.Topic(
            name: topic.name, id: topic.id, isInternal: topic.isInternal,
            partitions: range.map { index in
                DescribeTopicPartitionsResponse.Partition(
                    index: Int32(index), leaderID: node, leaderEpoch: BrokerCore.leaderEpoch, replicaNodes: [node],
                    inSyncReplicaNodes: [node], eligibleLeaderReplicas: [], lastKnownEligibleLeaders: [])
            }, authorizedOperations: AccessResource.topic.everyOperation)
    }
}
