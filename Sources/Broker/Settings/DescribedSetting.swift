import KafkaWire

/// A setting as a client is told of it: its value, where it comes from, and where else it could come from.
struct DescribedSetting {
    let name: String
    /// nil when neither this name nor its default has a value.
    let value: String?
    let source: ConfigSource
    let isReadOnly: Bool
    let type: ConfigType
    let documentation: String
    /// Where the value could come from, the one that counts first.
    let layers: [BrokerConfiguration.Layer]

    /// All settings of a topic.
    static func topic(_ configuration: TopicConfiguration, _ broker: BrokerConfiguration) -> [DescribedSetting] {
        TopicSetting.all.map { setting in
            var layers = broker.topicLayers(setting)
            if let own = configuration.overrides[setting.name] {
                layers.insert(.init(name: setting.name, value: own, source: .dynamicTopicConfig), at: 0)
            }
            return DescribedSetting(
                name: setting.name, value: configuration.value(setting.name, broker),
                source: layers.first?.source ?? .defaultConfig, isReadOnly: false, type: setting.wireType,
                documentation: setting.documentation, layers: layers)
        }
    }

    /// All settings of this broker.
    static func node(_ broker: BrokerConfiguration) -> [DescribedSetting] {
        BrokerSetting.all.map { setting in
            let layers = broker.layers(setting)
            let own = layers.first { $0.name == setting.name }
            return DescribedSetting(
                name: setting.name, value: own?.value, source: own?.source ?? .defaultConfig,
                isReadOnly: !setting.isDynamic, type: setting.type, documentation: setting.documentation,
                layers: layers)
        }
    }

    /// The settings of all brokers that were changed while they run; no others are known of "all".
    static func cluster(_ broker: BrokerConfiguration) -> [DescribedSetting] {
        node(broker).compactMap { setting in
            guard let value = broker.cluster[setting.name] else { return nil }
            return DescribedSetting(
                name: setting.name, value: value, source: .dynamicDefaultBrokerConfig, isReadOnly: false,
                type: setting.type, documentation: setting.documentation,
                layers: setting.layers.filter { $0.source == .dynamicDefaultBrokerConfig })
        }
    }

    /// All settings of a group that has `own` of its own.
    static func group(_ own: [String: String], _ options: GroupOptions) -> [DescribedSetting] {
        GroupSetting.all.map { setting in
            var layers = [
                BrokerConfiguration.Layer(
                    name: setting.name, value: "\(setting.standard(options))", source: .defaultConfig)
            ]
            if let value = own[setting.name] {
                layers.insert(.init(name: setting.name, value: value, source: .groupConfig), at: 0)
            }
            return DescribedSetting(
                name: setting.name, value: layers[0].value, source: layers[0].source, isReadOnly: false, type: .int,
                documentation: setting.documentation, layers: layers)
        }
    }

    /// The log levels of this process.
    static func logger() -> [DescribedSetting] {
        [
            DescribedSetting(
                name: LogLevels.root, value: LogLevels.current, source: .dynamicBrokerLoggerConfig, isReadOnly: false,
                type: .string, documentation: "The level of every component's log lines.", layers: [])
        ]
    }
}
