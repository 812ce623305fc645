import KafkaWire

/// AlterPartitionReassignments (API 45): partitions are where they can be, so that only this is accepted.
enum AlterPartitionReassignmentsHandler {
    static func handle(_ request: AlterPartitionReassignmentsRequest, _ context: RequestContext) {
        context.answer(
            AlterPartitionReassignmentsResponse(
                allowsReplicationFactorChange: request.allowsReplicationFactorChange,
                topics: request.topics.map { topic in
                    let known = context.core.catalog.topic(topic.name)
                    return .init(
                        name: topic.name, partitions: topic.partitions.map { answer($0, known, context) })
                }))
    }

    private static func answer(
        _ wanted: AlterPartitionReassignmentsRequest.Partition, _ topic: Topic?, _ context: RequestContext
    ) -> AlterPartitionReassignmentsResponse.Partition {
        var answer = AlterPartitionReassignmentsResponse.Partition(index: wanted.index)
        if topic?.partition(wanted.index) == nil {
            answer.errorCode = .unknownTopicOrPartition
            answer.errorMessage = "the partition does not exist"
        } else if let replicas = wanted.replicas {
            do throws(BrokerError) {
                try ReplicaAssignment.check(replicas, nodeID: context.core.options.nodeID)
            } catch {
                answer.errorCode = error.errorCode
                answer.errorMessage = error.message
            }
        } else {
            answer.errorCode = .noReassignmentInProgress
            answer.errorMessage = "the partition is not on the move"
        }
        if answer.errorCode != .none { context.count(answer.errorCode) }
        return answer
    }
}
