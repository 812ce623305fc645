import CommitLog
import Streams

extension TopicCatalog {
    /// Gives up the records of a partition below `offset`, durably; below its high watermark when that is nil (KIP-107).
    ///
    /// - Returns: the first offset that is left.
    /// - Throws: `unknownTopic`, `invalidTopic` for the broker's own state, `policyViolation`, `offsetOutOfRange`, or what
    ///   the disk said.
    func deleteRecords(_ partition: TopicPartition, before offset: Int64?) throws(BrokerError) -> Int64 {
        guard let topic = topic(partition.topic), let log = topic.partition(partition.partition) else {
            throw BrokerError(.unknownTopic, "partition \(partition) does not exist")
        }
        guard !topic.isInternal else {
            throw BrokerError(.invalidTopic, "topic \(topic.name) holds the broker's own state and cannot be changed")
        }
        // What a topic keeps for ever by its policy is not given up by hand either.
        guard topic.configuration.isDeleting(broker) else {
            throw BrokerError(
                .policyViolation,
                "topic \(topic.name) keeps the newest record of each key: its cleanup.policy has no delete")
        }
        do throws(LogError) {
            try log.deleteRecords(before: offset ?? log.highWatermark)
            return log.startOffset
        } catch {
            throw BrokerError(error)
        }
    }
}
