import CommitLog
import KafkaWire

/// ListOffsets (API 2): first and last offsets, and the first offset of a time.
enum ListOffsetsHandler {
    /// The timestamp that asks for the last offset in tiered storage, of which there is none (v9, KIP-1005).
    private static let latestTiered: Int64 = -5

    static func handle(_ request: ListOffsetsRequest, _ context: RequestContext) {
        context.answer(
            ListOffsetsResponse(
                topics: request.topics.map { topic in
                    let found = context.core.catalog.topic(topic.name)
                    return ListOffsetsResponse.Topic(
                        name: topic.name,
                        partitions: topic.partitions.map { answer($0, found, request.isolationLevel, context.version) })
                }))
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
        do throws(LogError) {
            guard let found = try find(wanted.timestamp, log, isolationLevel) else { return answer }
            answer.offset = found.offset
            answer.timestamp = found.timestamp
            answer.leaderEpoch = BrokerCore.leaderEpoch
            answer.oldStyleOffsets = wanted.maxOffsetCount > 0 ? [found.offset] : []
        } catch {
            answer.errorCode = error.errorCode
        }
        if wanted.timestamp < 0, !isSpecial(wanted.timestamp) { answer.errorCode = .invalidRequest }
        return answer
    }

    private static func isSpecial(_ timestamp: Int64) -> Bool {
        [
            ListOffsetsRequest.latest, ListOffsetsRequest.earliest, ListOffsetsRequest.maxTimestamp,
            ListOffsetsRequest.earliestLocal, latestTiered,
        ].contains(timestamp)
    }

    private static func find(
        _ timestamp: Int64, _ log: PartitionLog, _ isolationLevel: Int8
    ) throws(LogError) -> (offset: Int64, timestamp: Int64)? {
        switch timestamp {
        case ListOffsetsRequest.latest: (isolationLevel == 1 ? log.lastStableOffset : log.highWatermark, -1)
        case ListOffsetsRequest.earliest, ListOffsetsRequest.earliestLocal: (log.startOffset, -1)
        case ListOffsetsRequest.maxTimestamp: visible(try log.offsetOfMaxTimestamp(), log, isolationLevel)
        case 0...: visible(try log.offset(forTimestamp: timestamp), log, isolationLevel)
        default: nil
        }
    }

    /// A place that a reader of committed data cannot see yet is none for it.
    private static func visible(
        _ found: (offset: Int64, timestamp: Int64)?, _ log: PartitionLog, _ isolationLevel: Int8
    ) -> (offset: Int64, timestamp: Int64)? {
        guard isolationLevel == 1, let found, found.offset >= log.lastStableOffset else { return found }
        return nil
    }
}
