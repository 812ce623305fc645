import Bytes
import CommitLog
import Compression
import Observability

/// A topic as requests see it: immutable; a change of settings or partitions makes a new one.
final class Topic: Sendable {
    /// Traffic of one topic.
    struct Counters: Sendable {
        let receivedBytes: Counter
        let receivedRecords: Counter
        let sentBytes: Counter

        init(_ metrics: Metrics, topic: String) {
            let labels = ["topic": topic]
            receivedBytes = metrics.counter(
                "sluice_topic_received_bytes_total", "Bytes of record batches that producers sent.", labels)
            receivedRecords = metrics.counter(
                "sluice_topic_received_records_total", "Records that producers sent.", labels)
            sentBytes = metrics.counter(
                "sluice_topic_sent_bytes_total", "Bytes of record batches that consumers got.", labels)
        }
    }

    /// Random and new for every topic ever made, also of the same name.
    let id: UUID
    let name: String
    /// By partition number.
    let partitions: [PartitionLog]
    let configuration: TopicConfiguration
    let createdMilliseconds: Int64
    let isInternal: Bool
    let counters: Counters

    /// The largest batch that is taken, bytes.
    let messageBytesMax: Int
    /// Whether records without a key are refused.
    let isCompacted: Bool
    /// Whether the time of arrival replaces the producer's.
    let stampsAppendTime: Bool
    /// How far producers' timestamps may lie from the broker's clock; nil for any.
    let timestampLimits: TimestampLimits?
    /// The codec that batches are kept in; nil for their producer's.
    let codec: CompressionCodec?

    init(
        _ record: MetadataRecord.TopicRecord, partitions: [PartitionLog], configuration: TopicConfiguration,
        isInternal: Bool, counters: Counters, broker: BrokerConfiguration
    ) {
        precondition(partitions.count == Int(record.partitionCount))
        id = record.id
        name = record.name
        self.partitions = partitions
        self.configuration = configuration
        createdMilliseconds = record.createdMilliseconds
        self.isInternal = isInternal
        self.counters = counters
        messageBytesMax = Int(configuration.number("max.message.bytes", broker))
        isCompacted = configuration.isCompacted(broker)
        stampsAppendTime = configuration.value("message.timestamp.type", broker) == "LogAppendTime"
        timestampLimits = TimestampLimits(configuration, broker)
        codec = CompressionCodec(name: configuration.value("compression.type", broker))
    }

    /// The log of a partition; nil when there is no such partition.
    func partition(_ index: Int32) -> PartitionLog? {
        index >= 0 && Int(index) < partitions.count ? partitions[Int(index)] : nil
    }

    /// What the catalog writes down about the topic.
    var record: MetadataRecord.TopicRecord {
        MetadataRecord.TopicRecord(
            id: id, name: name, partitionCount: Int32(partitions.count), createdMilliseconds: createdMilliseconds,
            settings: configuration.overrides)
    }
}

extension TopicConfiguration {
    /// How the log keeps the topic's partitions.
    func partitionSettings(_ broker: BrokerConfiguration) -> PartitionSettings {
        var settings = PartitionSettings()
        settings.segmentBytes = Int(number("segment.bytes", broker))
        settings.segmentMilliseconds = number("segment.ms", broker)
        // A topic that is only compacted keeps the last record of each key for ever.
        settings.retentionMilliseconds = isDeleting(broker) ? number("retention.ms", broker) : -1
        settings.retentionBytes = isDeleting(broker) ? number("retention.bytes", broker) : -1
        settings.writeCaching = isOn("write.caching", broker)
        settings.isDeletable = isDeleting(broker)
        settings.isCompacted = isCompacted(broker)
        settings.minCleanableRatio = share("min.cleanable.dirty.ratio", broker)
        settings.minCompactionLagMilliseconds = number("min.compaction.lag.ms", broker)
        settings.maxCompactionLagMilliseconds = number("max.compaction.lag.ms", broker)
        settings.deleteRetentionMilliseconds = number("delete.retention.ms", broker)
        return settings
    }
}
