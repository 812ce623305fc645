import KafkaWire
import System

/// TxnOffsetCommit (API 28): offsets of a group that count once the transaction is committed.
enum TransactionOffsetCommitHandler {
    /// The first version that adds the group to the transaction by itself, and whose clients know
    /// TRANSACTION_ABORTABLE (KIP-890).
    private static let implicitVersion: Int16 = 5
    private static let abortableVersion: Int16 = 4

    static func handle(_ request: TransactionOffsetCommitRequest, _ context: RequestContext) {
        if let refusal = refusal(request, context) { return answer(request, context) { _, _ in refusal } }
        var errors: [PartitionName: ErrorCode] = [:]
        var offsets: [(key: OffsetKey, value: CommittedOffset)] = []
        let now = context.core.clock.wallMilliseconds
        for topic in request.topics {
            let known = context.core.catalog.topic(topic.name)
            for partition in topic.partitions {
                if let error = error(partition, known, context.core.options.groups) {
                    errors[PartitionName(topic: topic.name, partition: partition.index)] = error
                    continue
                }
                let key = OffsetKey(group: request.groupID, topic: topic.name, partition: partition.index)
                let value = CommittedOffset(
                    offset: partition.offset, leaderEpoch: partition.leaderEpoch, metadata: partition.metadata ?? "",
                    committedMilliseconds: now)
                offsets.append((key, value))
            }
        }
        let refused = errors
        context.core.transactions.commit(
            offsets, to: request.transactionalID,
            ProducerIdentity(id: request.producerID, epoch: request.producerEpoch),
            isImplicit: context.version >= implicitVersion
        ) { refusal in
            let code = refusal?.errorCode(
                fenced: .invalidProducerEpoch, isAbortable: context.version >= abortableVersion)
            context.onShard {
                answer(request, context) { topic, partition in
                    code ?? refused[PartitionName(topic: topic, partition: partition)] ?? .none
                }
            }
        }
    }

    /// Why nothing of the request can be taken; nil when it can.
    private static func refusal(_ request: TransactionOffsetCommitRequest, _ context: RequestContext) -> ErrorCode? {
        guard !request.groupID.isEmpty else { return .invalidGroupID }
        let identity = ClassicGroup.Identity(
            memberID: request.memberID, instanceID: request.groupInstanceID, generation: request.generation)
        let error = context.core.groups.checkCommit(request.groupID, identity, version: nil)
        return error == .none ? nil : error
    }

    private static func error(
        _ partition: TransactionOffsetCommitRequest.Partition, _ topic: Topic?, _ options: GroupOptions
    ) -> ErrorCode? {
        guard topic?.partition(partition.index) != nil else { return .unknownTopicOrPartition }
        return (partition.metadata?.utf8.count ?? 0) <= options.offsetMetadataBytesMax ? nil : .offsetMetadataTooLarge
    }

    private static func answer(
        _ request: TransactionOffsetCommitRequest, _ context: RequestContext,
        _ code: (_ topic: String, _ partition: Int32) -> ErrorCode
    ) {
        context.answer(
            TransactionOffsetCommitResponse(
                topics: request.topics.map { topic in
                    TransactionOffsetCommitResponse.Topic(
                        name: topic.name,
                        partitions: topic.partitions.map { partition in
                            let error = code(topic.name, partition.index)
                            if error != .none { context.count(error) }
                            return TransactionOffsetCommitResponse.Partition(index: partition.index, errorCode: error)
                        })
                }))
    }
}
