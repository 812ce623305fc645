import Bytes
import KafkaWire

/// OffsetFetch (API 9). A group or partition that nothing is known of has offset -1 and no error.
enum OffsetFetchHandler {
    static func handle(_ request: OffsetFetchRequest, _ context: RequestContext) {
        context.answer(
            OffsetFetchResponse(groups: request.groups.map { group($0, context, requireStable: request.requireStable) })
        )
    }

    private static func group(
        _ wanted: OffsetFetchRequest.Group, _ context: RequestContext, requireStable: Bool
    ) -> OffsetFetchResponse.Group {
        let error = context.core.groups.checkFetch(
            wanted.groupID, memberID: wanted.memberID, memberEpoch: wanted.memberEpoch)
        guard error == .none else {
            context.count(error)
            return OffsetFetchResponse.Group(groupID: wanted.groupID, errorCode: error)
        }
        let isByID = context.version >= OffsetFetchRequest.topicIDVersionMin
        var found =
            wanted.topics.map { topics($0, wanted.groupID, context.core, isByID: isByID) }
            ?? everything(wanted.groupID, context.core, isByID: isByID)
        if requireStable { withholdUnstable(&found, wanted.groupID, context.core, isByID: isByID) }
        return OffsetFetchResponse.Group(groupID: wanted.groupID, topics: found)
    }

    /// Keeps offsets back that an open transaction is to change: the reader comes again when it is over (KIP-447).
    private static func withholdUnstable(
        _ topics: inout [OffsetFetchResponse.Topic], _ group: String, _ core: BrokerCore, isByID: Bool
    ) {
        for index in topics.indices {
            guard let name = isByID ? core.catalog.topic(id: topics[index].id)?.name : topics[index].name else {
                continue
            }
            topics[index].partitions = topics[index].partitions.map { partition in
                let key = OffsetKey(group: group, topic: name, partition: partition.index)
                guard core.transactions.isPending(key) else { return partition }
                return OffsetFetchResponse.Partition(index: partition.index, errorCode: .unstableOffsetCommit)
            }
        }
    }

    private static func topics(
        _ topics: [OffsetFetchRequest.Topic], _ group: String, _ core: BrokerCore, isByID: Bool
    ) -> [OffsetFetchResponse.Topic] {
        topics.map { topic in
            let name = isByID ? core.catalog.topic(id: topic.id)?.name : topic.name
            return OffsetFetchResponse.Topic(
                name: topic.name, id: topic.id,
                partitions: topic.partitions.map { index in
                    guard let name else {
                        return OffsetFetchResponse.Partition(index: index, errorCode: .unknownTopicID)
                    }
                    let key = OffsetKey(group: group, topic: name, partition: index)
                    return partition(index, core.offsets.committed(key))
                })
        }
    }

    /// All that the group has committed; by id, topics that are gone cannot be named.
    private static func everything(
        _ group: String, _ core: BrokerCore, isByID: Bool
    ) -> [OffsetFetchResponse.Topic] {
        let committed = Dictionary(grouping: core.offsets.committed(group: group), by: \.key.topic)
        return committed.sorted { $0.key < $1.key }.compactMap { name, offsets in
            let id = core.catalog.topic(name)?.id
            guard !isByID || id != nil else { return nil }
            return OffsetFetchResponse.Topic(
                name: name, id: id ?? .zero,
                partitions: offsets.sorted { $0.key.partition < $1.key.partition }.map {
                    partition($0.key.partition, $0.value)
                })
        }
    }

    private static func partition(_ index: Int32, _ committed: CommittedOffset?) -> OffsetFetchResponse.Partition {
        guard let committed else { return OffsetFetchResponse.Partition(index: index) }
        return OffsetFetchResponse.Partition(
            index: index, offset: committed.offset, leaderEpoch: committed.leaderEpoch, metadata: committed.metadata)
    }
}
