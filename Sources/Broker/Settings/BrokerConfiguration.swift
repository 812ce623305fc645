import KafkaWire

/// The broker's settings at one moment: what the configuration file says, and what was changed since.
struct BrokerConfiguration: Sendable {
    /// What the broker was started with.
    let options: BrokerOptions
    /// Settings of this broker that were changed while it runs, by Kafka name.
    var node: [String: String] = [:]
    /// Settings of all brokers that were changed while they run, by Kafka name.
    var cluster: [String: String] = [:]

    init(_ options: BrokerOptions) {
        self.options = options
    }

    /// A place where a value comes from.
    struct Layer: Equatable {
        /// The setting's name there.
        let name: String
        let value: String
        let source: ConfigSource
    }

    /// Where the value of a setting comes from, the one that counts first.
    func layers(_ setting: BrokerSetting) -> [Layer] {
        let names = setting.synonyms
        return layer(names, .dynamicBrokerConfig) { node[$0.name] }
            + layer(names, .dynamicDefaultBrokerConfig) { cluster[$0.name] }
            + layer(names, .staticBrokerConfig) { $0.configured(options) }
            + layer(names, .defaultConfig) { $0.builtIn }
    }

    private func layer(
        _ names: [BrokerSetting], _ source: ConfigSource, _ value: (BrokerSetting) -> String?
    ) -> [Layer] {
        names.compactMap { setting in
            value(setting).map { Layer(name: setting.name, value: $0, source: source) }
        }
    }

    /// What a topic setting is where the topic says nothing.
    func topicDefault(_ name: String) -> String {
        guard let topic = TopicSetting.named(name) else { preconditionFailure("\(name) is not a topic setting") }
        guard let layer = topicLayers(topic).first else { return topic.builtIn }
        let factor = TopicSetting.brokerNames(name).first { $0.name == layer.name }?.factor ?? 1
        guard factor != 1, let number = Int64(layer.value), number > 0 else { return layer.value }
        let product = number.multipliedReportingOverflow(by: factor)
        return "\(product.overflow ? Int64.max : product.partialValue)"
    }

    /// Where the default of a topic setting comes from, the one that counts first; empty when no broker setting gives
    /// it.
    func topicLayers(_ topic: TopicSetting) -> [Layer] {
        guard let first = TopicSetting.brokerNames(topic.name).first, let setting = BrokerSetting.named(first.name)
        else { return [] }
        return layers(setting)
    }
}
