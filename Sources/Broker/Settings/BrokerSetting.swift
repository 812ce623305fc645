import KafkaWire
import System

/// One setting of the broker: its Kafka name, type and allowed values, and where its value comes from.
///
/// Which settings can be changed while the broker runs is Kafka's list (KIP-226): those that give topics their
/// defaults, and some that are accepted without effect because there is nothing here for them to act on.
struct BrokerSetting: Sendable {
    let name: String
    let shape: SettingShape
    let type: ConfigType
    let documentation: String
    /// Whether it can be changed while the broker runs.
    let isDynamic: Bool
    /// The built-in default; nil when another setting of the same meaning has it.
    let builtIn: String?
    /// The value of the configuration file; nil when it is the default.
    let configured: @Sendable (BrokerOptions) -> String?

    /// The setting of this name; nil when there is none.
    static func named(_ name: String) -> BrokerSetting? { byName[name] }

    /// The settings of the same meaning, itself included, in the order of precedence.
    var synonyms: [BrokerSetting] {
        guard let topicName = Self.topicNames[name] else { return [self] }
        return TopicSetting.brokerNames(topicName).compactMap { Self.named($0.name) }
    }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// The topic setting to which a broker setting gives the default.
    private static let topicNames: [String: String] = {
        let pairs = TopicSetting.all.flatMap { topic in
            TopicSetting.brokerNames(topic.name).map { ($0.name, topic.name) }
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }()

    /// All settings, sorted by name.
    static let all: [BrokerSetting] =
        (topicDefaults + acceptedOnly + fixed).sorted { $0.name < $1.name }

    // MARK: - Defaults of topics

    private static let topicDefaults: [BrokerSetting] = TopicSetting.all.flatMap(topicDefaults)

    /// The broker settings that give one topic setting its default.
    private static func topicDefaults(_ topic: TopicSetting) -> [BrokerSetting] {
        let synonyms = TopicSetting.brokerNames(topic.name)
        return synonyms.indices.map { index in
            let (name, factor) = synonyms[index]
            // The last of several names has the default, as `log.retention.hours` of 168 does in Kafka.
            let builtIn = index == synonyms.count - 1 ? scaled(topic.builtIn, factor) : nil
            return BrokerSetting(
                name: name, shape: shape(topic, factor), type: topic.wireType,
                documentation: "The default of topics for \(topic.name): \(topic.documentation)", isDynamic: true,
                builtIn: builtIn, configured: { index == 0 ? staticDefault(topic.name, $0) : nil })
        }
    }

    private static func scaled(_ value: String, _ factor: Int64) -> String {
        guard let number = Int64(value), number > 0 else { return value }
        return "\(number / factor)"
    }

    private static func shape(_ topic: TopicSetting, _ factor: Int64) -> SettingShape {
        guard case .number(let range) = topic.shape, factor != 1 else { return topic.shape }
        return .number(range.lowerBound...min(range.upperBound / factor, Int64(Int32.max)))
    }

    /// What the configuration file says of a default of topics, when it is not the built-in value.
    private static func staticDefault(_ topicName: String, _ options: BrokerOptions) -> String? {
        let value: String
        switch topicName {
        case "max.message.bytes": value = "\(options.messageMaxBytes)"
        case "retention.bytes": value = "\(options.retentionBytes)"
        case "retention.ms": value = "\(options.retentionMilliseconds)"
        case "segment.bytes": value = "\(options.segmentBytes)"
        case "write.caching": value = "\(options.durability == .relaxed)"
        default: return nil
        }
        return value == TopicSetting.named(topicName)?.builtIn ? nil : value
    }

    // MARK: - Others

    private static let acceptedOnly: [BrokerSetting] = [
        accepted("background.threads", .number(1...Int64(Int32.max)), .int, "10"),
        accepted("follower.replication.throttled.rate", .number(0...Int64.max), .long, "\(Int64.max)"),
        accepted("leader.replication.throttled.rate", .number(0...Int64.max), .long, "\(Int64.max)"),
        accepted("log.cleaner.threads", .number(0...Int64(Int32.max)), .int, "1"),
        accepted("num.io.threads", .number(1...Int64(Int32.max)), .int, "8"),
        accepted("num.network.threads", .number(1...Int64(Int32.max)), .int, "3"),
        accepted("num.recovery.threads.per.data.dir", .number(1...Int64(Int32.max)), .int, "2"),
        accepted("num.replica.fetchers", .number(1...Int64(Int32.max)), .int, "1"),
        accepted(
            "replica.alter.log.dirs.io.max.bytes.per.second", .number(0...Int64.max), .long, "\(Int64.max)"),
        accepted("sasl.kerberos.min.time.before.relogin", .number(0...Int64.max), .long, "60000"),
    ]

    private static func accepted(
        _ name: String, _ shape: SettingShape, _ type: ConfigType, _ builtIn: String
    ) -> BrokerSetting {
        BrokerSetting(
            name: name, shape: shape, type: type, documentation: "Accepted; there is nothing here for it to act on.",
            isDynamic: true, builtIn: builtIn, configured: { _ in nil })
    }
}
