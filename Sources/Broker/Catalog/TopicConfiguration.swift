/// The settings of a topic that differ from the broker's defaults, by Kafka name, each checked.
struct TopicConfiguration: Equatable, Sendable {
    /// Settings that the topic has of its own.
    private(set) var overrides: [String: String] = [:]

    /// No setting differs from the defaults.
    init() {}

    /// Checks every entry; throws `invalidConfiguration`, which names the entry.
    init(_ entries: [String: String]) throws(BrokerError) {
        for (name, value) in entries.sorted(by: { $0.key < $1.key }) { try set(name, value) }
    }

    /// Sets one entry; nil removes it, so that the default counts again.
    mutating func set(_ name: String, _ value: String?) throws(BrokerError) {
        guard let setting = TopicSetting.named(name) else {
            throw BrokerError(.invalidConfiguration, "unknown topic setting \(name.debugDescription)")
        }
        if let value { try setting.check(value) }
        overrides[name] = value
    }

    /// The value that counts, from the topic or the broker's defaults.
    func value(_ name: String, _ options: BrokerOptions) -> String {
        overrides[name] ?? Self.defaultValue(name, options)
    }

    /// A whole number that counts; the entry must be of a numeric setting.
    func number(_ name: String, _ options: BrokerOptions) -> Int64 {
        guard let number = Int64(value(name, options)) else { preconditionFailure("\(name) is not a number") }
        return number
    }

    /// Whether a boolean setting is on.
    func isOn(_ name: String, _ options: BrokerOptions) -> Bool { value(name, options) == "true" }

    /// Whether the last record of each key is kept (`cleanup.policy` holds `compact`).
    func isCompacted(_ options: BrokerOptions) -> Bool { policies(options).contains("compact") }

    /// Whether old segments are removed; `compact` alone keeps them for ever.
    func isDeleting(_ options: BrokerOptions) -> Bool { policies(options).contains("delete") }

    private func policies(_ options: BrokerOptions) -> [String] {
        value("cleanup.policy", options).split(separator: ",").map { String($0.trimmingSpaces) }
    }

    /// What counts for topics that say nothing.
    static func defaultValue(_ name: String, _ options: BrokerOptions) -> String {
        switch name {
        case "cleanup.policy": "delete"
        case "compression.type": "producer"
        case "delete.retention.ms": "86400000"
        case "file.delete.delay.ms": "0"
        case "flush.messages", "flush.ms", "max.compaction.lag.ms": "\(Int64.max)"
        case "follower.replication.throttled.replicas", "leader.replication.throttled.replicas": ""
        case "index.interval.bytes": "4096"
        case "max.message.bytes": "\(options.messageMaxBytes)"
        case "message.downconversion.enable": "false"
        case "message.timestamp.after.max.ms", "message.timestamp.before.max.ms",
            "message.timestamp.difference.max.ms":
            "\(Int64.max)"
        case "message.timestamp.type": "CreateTime"
        case "min.cleanable.dirty.ratio": "0.5"
        case "min.compaction.lag.ms", "segment.jitter.ms": "0"
        case "min.insync.replicas": "1"
        case "preallocate", "unclean.leader.election.enable": "false"
        case "retention.bytes": "\(options.retentionBytes)"
        case "retention.ms": "\(options.retentionMilliseconds)"
        case "segment.bytes": "\(options.segmentBytes)"
        case "segment.index.bytes": "10485760"
        case "segment.ms": "604800000"
        case "write.caching": options.durability == .relaxed ? "true" : "false"
        default: preconditionFailure("no default for \(name)")
        }
    }
}
