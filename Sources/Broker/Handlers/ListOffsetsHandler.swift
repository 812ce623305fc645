import CommitLog
import KafkaWire

/// ListOffsets (API 2): first and last offsets, and the first offset of a time.
enum ListOffsetsHandler {
    private struct Key: Hashable {
        let topic: String
        let partition: Int32
    }

    static func handle(_ request: ListOffsetsRequest, _ context: RequestContext) {
        let repeated = repeatedPartitions(request)
        let topics = request.topics.map { topic in
            let found = context.core.catalog.topic(topic.name)
            return ListOffsetsResponse.Topic(
                name: topic.name,
                partitions: topic.partitions.map { wanted in
                    guard !repeated.contains(Key(topic: topic.name, partition: wanted.index)) else {
                        return ListOffsetsResponse.Partition(index: wanted.index, errorCode: .invalidRequest)
                    }
                    return answer(wanted, found, request.isolationLevel, context.version)
                })
        }
        context.answer(ListOffsetsResponse(topics: topics))
    }

    /// Partitions that are named more than once, each of which could cost a search.
    private static func repeatedPartitions(_ request: ListOffsetsRequest) -> Set<Key> {
        guard request.topics.count > 1 || (request.topics.first?.partitions.count ?? 0) > 1 else { return [] }
        var seen: Set<Key> = []
        var repeated: Set<Key> = []
        for topic in request.topics {
            for partition in topic.partitions {
                let key = Key(topic: topic.name, partition: partition.index)
                if !seen.insert(key).inserted { repeated.insert(key) }
            }
        }
        return repeated
    }

    private static func answer(
        _ wanted: ListOffsetsRequest.Partition, _ topic: Topic?, _ isolationLevel: Int8, _ version: Int16
    ) -> ListOffsetsResponse.Partition {
        var answer = ListOffsetsResponse.Partition(index: wanted.index)
        guard let log = topic?.partition(wanted.index) else {
            answer.errorCode = .unknownTopicOrPartition
            return answer
        }
        if let refusal = BrokerCore.refusal(ofLeaderEpoch: wanted.currentLeaderEpoch) {
            answer.errorCode = refusal
            return answer
        }
        guard version >= firstVersion(of: wanted.timestamp) else {
            answer.errorCode = .unsupportedVersion
            return answer
        }
        do throws(LogError) {
            guard let found = try find(wanted.timestamp, log, isolationLevel) else { return answer }
            answer.offset = found.offset
            answer.timestamp = found.timestamp
            answer.leaderEpoch = BrokerCore.leaderEpoch
            answer.oldStyleOffsets = wanted.maxOffsetCount > 0 ? [found.offset] : []
        } catch {
            answer.errorCode = error.errorCode
        }
        return answer
    }

    /// The first version in which a timestamp means something; the largest number for those that never do.
    private static func firstVersion(of timestamp: Int64) -> Int16 {
        switch timestamp {
        case 0..., ListOffsetsRequest.latest, ListOffsetsRequest.earliest: 0
        case ListOffsetsRequest.maxTimestamp: 7
        case ListOffsetsRequest.earliestLocal: 8
        case ListOffsetsRequest.latestTiered: 9
        case ListOffsetsRequest.earliestPendingUpload: 11
        default: .max
        }
    }

    /// What was asked for; nil when there is no such record, which is no error.
    private static func find(
        _ timestamp: Int64, _ log: PartitionLog, _ isolationLevel: Int8
    ) throws(LogError) -> (offset: Int64, timestamp: Int64)? {
        let end = isolationLevel == 1 ? log.lastStableOffset : log.highWatermark
        let found: (offset: Int64, timestamp: Int64)?
        switch timestamp {
        case ListOffsetsRequest.latest: return (end, -1)
        case ListOffsetsRequest.earliest, ListOffsetsRequest.earliestLocal: return (log.startOffset, -1)
        // Nothing is in tiered storage, and nothing waits for it.
        case ListOffsetsRequest.latestTiered, ListOffsetsRequest.earliestPendingUpload: return nil
        case ListOffsetsRequest.maxTimestamp: found = try log.offsetOfMaxTimestamp()
        default: found = try log.offset(forTimestamp: timestamp)
        }
        return found.flatMap { $0.offset < end ? $0 : nil }
    }
}
