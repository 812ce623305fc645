extension TopicSetting {
    /// What counts when neither the topic nor the broker says anything: Kafka's values, but a batch may be as large as
    /// the broker's default allows.
    var builtIn: String {
        switch name {
        case "cleanup.policy": "delete"
        case "compression.type": "producer"
        case "delete.retention.ms": "86400000"
        case "file.delete.delay.ms": "0"
        case "flush.messages", "flush.ms", "max.compaction.lag.ms": "\(Int64.max)"
        case "follower.replication.throttled.replicas", "leader.replication.throttled.replicas": ""
        case "index.interval.bytes": "4096"
        case "max.message.bytes": "209715200"
        case "message.downconversion.enable": "false"
        case "message.timestamp.after.max.ms", "message.timestamp.before.max.ms",
            "message.timestamp.difference.max.ms":
            "\(Int64.max)"
        case "message.timestamp.type": "CreateTime"
        case "min.cleanable.dirty.ratio": "0.5"
        case "min.compaction.lag.ms", "segment.jitter.ms": "0"
        case "min.insync.replicas": "1"
        case "preallocate", "unclean.leader.election.enable": "false"
        case "retention.bytes": "-1"
        case "retention.ms", "segment.ms": "604800000"
        case "segment.bytes": "1073741824"
        case "segment.index.bytes": "10485760"
        case "write.caching": "false"
        default: preconditionFailure("no default for \(name)")
        }
    }

    /// The broker settings that give the topic's setting its default, in the order of precedence, with what their
    /// values are multiplied by (Kafka's `ServerTopicConfigSynonyms`).
    static func brokerNames(_ name: String) -> [(name: String, factor: Int64)] {
        let (hour, minute): (Int64, Int64) = (3_600_000, 60_000)
        return switch name {
        case "cleanup.policy", "index.interval.bytes", "message.downconversion.enable",
            "message.timestamp.after.max.ms", "message.timestamp.before.max.ms", "message.timestamp.difference.max.ms",
            "message.timestamp.type", "preallocate", "retention.bytes", "segment.bytes":
            [("log." + name, 1)]
        case "delete.retention.ms", "max.compaction.lag.ms", "min.compaction.lag.ms": [("log.cleaner." + name, 1)]
        case "compression.type", "min.insync.replicas", "unclean.leader.election.enable", "write.caching": [(name, 1)]
        case "file.delete.delay.ms": [("log.segment.delete.delay.ms", 1)]
        case "flush.messages": [("log.flush.interval.messages", 1)]
        case "flush.ms": [("log.flush.interval.ms", 1)]
        case "max.message.bytes": [("message.max.bytes", 1)]
        case "min.cleanable.dirty.ratio": [("log.cleaner.min.cleanable.ratio", 1)]
        case "retention.ms":
            [("log.retention.ms", 1), ("log.retention.minutes", minute), ("log.retention.hours", hour)]
        case "segment.index.bytes": [("log.index.size.max.bytes", 1)]
        case "segment.jitter.ms": [("log.roll.jitter.ms", 1), ("log.roll.jitter.hours", hour)]
        case "segment.ms": [("log.roll.ms", 1), ("log.roll.hours", hour)]
        default: []
        }
    }
}
