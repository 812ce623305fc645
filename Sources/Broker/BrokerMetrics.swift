import CommitLog
import Observability

/// Values that are looked up when somebody reads the metrics: offsets and sizes of partitions that come and go.
enum BrokerMetrics {
    /// Partitions for which the progress of groups is told; others are left out, lest groups of random names flood those
    /// who read the metrics.
    private static let groupPartitionsMax = 1000

    /// Adds the broker's values to its metrics for as long as the broker lives.
    static func register(_ core: BrokerCore) {
        core.metrics.collect { [weak core] in
            guard let core else { return [] }
            let topics = core.catalog.topics
            return counts(topics) + care(core) + topics.flatMap(partitions) + groups(core.groups)
                + progress(core)
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

    private static func care(_ core: BrokerCore) -> [Metrics.Sample] {
        let totals = core.compactions
        return [
            .counter(
                "sluice_log_scrubbed_bytes_total", "Bytes of old segments that were read to find damage.", [:],
                Double(core.scrubbedBytes)),
            .counter(
                "sluice_log_compactions_total", "Compactions of partitions.", [:], Double(totals.runs)),
            .counter(
                "sluice_log_compacted_bytes_total", "Bytes of segments that compactions looked at.", [:],
                Double(totals.bytesBefore)),
            .counter(
                "sluice_log_compacted_kept_bytes_total", "Bytes of what the compacted segments became.", [:],
                Double(totals.bytesAfter)),
        ]
    }

    private static func groups(_ groups: GroupCoordinator) -> [Metrics.Sample] {
        let states = Dictionary(grouping: groups.list(), by: \.state).sorted { $0.key < $1.key }
        return states.map { state, listed in
            .gauge("sluice_groups", "Groups of consumers by state.", ["state": state], Double(listed.count))
        } + [
            .gauge("sluice_group_members", "Members of all groups.", [:], Double(groups.memberCount)),
            .gauge(
                "sluice_group_committed_offsets", "Committed offsets of all groups.", [:],
                Double(groups.offsets.count)),
        ]
    }

    private static func progress(_ core: BrokerCore) -> [Metrics.Sample] {
        var samples: [Metrics.Sample] = []
        for group in core.offsets.groups {
            for (key, committed) in core.offsets.committed(group: group) {
                guard samples.count < 2 * groupPartitionsMax else { return samples }
                guard let log = core.catalog.topic(key.topic)?.partition(key.partition) else { continue }
                let labels = ["group": group, "topic": key.topic, "partition": "\(key.partition)"]
                samples.append(
                    .gauge(
                        "sluice_group_committed_offset", "Offset that the group reads next.", labels,
                        Double(committed.offset)))
                samples.append(
                    .gauge(
                        "sluice_group_lag_records", "Records that the group has not read yet.", labels,
                        Double(max(0, log.highWatermark - committed.offset))))
            }
        }
        return samples
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
                .gauge(
                    "sluice_partition_damaged_ranges",
                    "Parts of the log that cannot be read; the log and `sluice log verify` name them.", labels,
                    Double(log.damage.count)),
            ]
        }
    }
}
