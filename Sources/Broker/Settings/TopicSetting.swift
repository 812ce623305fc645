import KafkaWire

/// One setting that a topic can have: its Kafka name, type and allowed values.
///
/// Names, types and ranges are those of Kafka's `TopicConfig`; `write.caching` is Redpanda's.
struct TopicSetting: Sendable {
    let name: String
    let shape: SettingShape
    let wireType: ConfigType
    let documentation: String

    /// The setting of this name; nil when there is none.
    static func named(_ name: String) -> TopicSetting? { byName[name] }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    private static func long(_ name: String, _ range: ClosedRange<Int64>, _ text: String) -> TopicSetting {
        TopicSetting(name: name, shape: .number(range), wireType: .long, documentation: text)
    }

    private static func int(_ name: String, _ range: ClosedRange<Int64>, _ text: String) -> TopicSetting {
        TopicSetting(name: name, shape: .number(range), wireType: .int, documentation: text)
    }

    private static func flag(_ name: String, _ text: String) -> TopicSetting {
        TopicSetting(name: name, shape: .boolean, wireType: .boolean, documentation: text)
    }

    /// All settings, sorted by name.
    static let all: [TopicSetting] = [
        TopicSetting(
            name: "cleanup.policy", shape: .list(["delete", "compact"]), wireType: .list,
            documentation: "delete removes old segments, compact keeps the last record of each key."),
        TopicSetting(
            name: "compression.type", shape: .choice(["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"]),
            wireType: .string, documentation: "The codec that batches are kept in; producer keeps what was sent."),
        long(
            "delete.retention.ms", 0...Int64.max,
            "How long tombstones of a compacted topic are kept after a compaction has seen them."),
        long("file.delete.delay.ms", 0...Int64.max, "Accepted; deleted segments are removed at once."),
        long("flush.messages", 1...Int64.max, "Accepted; acks=all is flushed before it is answered."),
        long("flush.ms", 0...Int64.max, "Accepted; other writes are flushed within 100 ms."),
        TopicSetting(
            name: "follower.replication.throttled.replicas", shape: .text, wireType: .list,
            documentation: "Accepted; there are no followers."),
        int("index.interval.bytes", 0...2_147_483_647, "Accepted; the index has its own density."),
        TopicSetting(
            name: "leader.replication.throttled.replicas", shape: .text, wireType: .list,
            documentation: "Accepted; there are no followers."),
        long(
            "max.compaction.lag.ms", 1...Int64.max, "The age at which records are compacted, whatever the dirty ratio."),
        int("max.message.bytes", 0...2_147_483_647, "The largest record batch, as sent, that is taken."),
        flag("message.downconversion.enable", "Accepted; old formats are never asked for."),
        long("message.timestamp.after.max.ms", 0...Int64.max, "How far a record may be dated in the future."),
        long("message.timestamp.before.max.ms", 0...Int64.max, "How far a record may be dated in the past."),
        long("message.timestamp.difference.max.ms", 0...Int64.max, "Both of the above where they are not set."),
        TopicSetting(
            name: "message.timestamp.type", shape: .choice(["CreateTime", "LogAppendTime"]), wireType: .string,
            documentation: "Whether a record's time is its producer's or that of its arrival."),
        TopicSetting(
            name: "min.cleanable.dirty.ratio", shape: .share, wireType: .double,
            documentation: "The share of a compacted log that must be new before it is compacted again."),
        long("min.compaction.lag.ms", 0...Int64.max, "How long a record stays uncompacted at least."),
        int("min.insync.replicas", 1...2_147_483_647, "Accepted; the only replica is always in sync."),
        flag("preallocate", "Accepted; room on the disk is set aside in steps as files grow."),
        long("retention.bytes", -1...Int64.max, "Bytes of a partition that are kept; -1 all."),
        long("retention.ms", -1...Int64.max, "How long records are kept, in ms; -1 for ever."),
        int("segment.bytes", 14...2_147_483_647, "The size at which a new segment file is begun."),
        int("segment.index.bytes", 4...2_147_483_647, "Accepted; the index takes what it needs."),
        long("segment.jitter.ms", 0...Int64.max, "Accepted; segments are not begun all at once anyway."),
        long("segment.ms", 1...Int64.max, "The age at which a new segment file is begun."),
        flag("unclean.leader.election.enable", "Accepted; there is no election."),
        flag("write.caching", "Whether acks=all is answered before the flush, as acks=1."),
    ]
}
