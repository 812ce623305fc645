import CommitLog
import KafkaWire
import System

/// DescribeQuorum (API 55): this node alone keeps the cluster's metadata.
enum DescribeQuorumHandler {
    static func handle(_ request: DescribeQuorumRequest, _ context: RequestContext) {
        let core = context.core
        let advertised = context.advertised
        context.answer(
            DescribeQuorumResponse(
                topics: request.topics.map { topic in
                    .init(name: topic.name, partitions: topic.partitions.map { describe(topic.name, $0.index, core) })
                },
                nodes: [
                    .init(
                        nodeID: core.options.nodeID,
                        listeners: [
                            .init(
                                name: "PLAINTEXT", host: advertised.host, port: UInt16(clamping: advertised.port))
                        ])
                ]))
    }

    private static func describe(
        _ topic: String, _ index: Int32, _ core: BrokerCore
    ) -> DescribeQuorumResponse.Partition {
        guard topic == TopicName.clusterMetadata, index == 0 else {
            return .init(
                index: index, errorCode: .unknownTopicOrPartition, errorMessage: "no quorum keeps this partition")
        }
        let (log, now) = (core.metadataLog, core.clock.wallMilliseconds)
        return .init(
            index: index, leaderID: core.options.nodeID, leaderEpoch: BrokerCore.leaderEpoch,
            highWatermark: log.highWatermark,
            currentVoters: [
                .init(
                    nodeID: core.options.nodeID, logEndOffset: log.endOffset, lastFetchMilliseconds: now,
                    lastCaughtUpMilliseconds: now)
            ])
    }
}
