import CommitLog
import Observability

/// Values that are looked up when somebody reads the metrics: offsets and sizes of partitions that come and go.
enum BrokerMetrics {
    /// Adds the broker's values to its metrics for as long as the broker lives.
    static func register(_ core: BrokerCore) {
        core.metrics.collect { [weak core] in
            guard let core else { return [] }
            let topics = core.catalog.topics
            return counts(topics) + topics.flatMap(partitions)
        }
    }

    private static func counts(_ topics: [Topic]) -> [Metrics.Sample] {
        let partitions = topics.reduce(0) { $0 + $1.partitions.count }
        let segments = topics.reduce(0) { $0 + $1.partitions.reduce(0) { $0 + $1.segmentCount } }
        return [
            .gauge("sluice_topics", "Topics that exist.", [:], Double(topics.count)),
            .gauge("sluice_partitions", "Partitions of all topics.", [:], Double(partitions)),
            .gauge("sluice_log_segments", "Segment files of all partitions.", [:], Double(segments)),
        ]
    }

    private static func partitions(_ topic: Topic) -> [Metrics.Sample] {
        topic.partitions.enumerated().flatMap { index, log -> [Metrics.Sample] in
            let labels = ["topic": topic.name, "partition": "\(index)"]
            return [
                .gauge(
                    "sluice_partition_start_offset", "First offset kept.", labels, Double(log.startOffset)),
                .gauge(
                    "sluice_partition_high_watermark_offset", "Offset behind the last visible record.", labels,
                    Double(log.highWatermark)),
                .gauge("sluice_partition_size_bytes", "Bytes of log on disk.", labels, Double(log.sizeBytes)),
            ]
        }
    }
}
