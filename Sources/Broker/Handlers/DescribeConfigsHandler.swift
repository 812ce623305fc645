import KafkaWire

/// DescribeConfigs (API 32): settings of topics and of the broker, with where each comes from.
enum DescribeConfigsHandler {
    private static let topicType: Int8 = 2
    private static let brokerType: Int8 = 4

    static func handle(_ request: DescribeConfigsRequest, _ context: RequestContext) {
        context.answer(
            DescribeConfigsResponse(
                results: request.resources.map { resource in
                    var result = DescribeConfigsResponse.Result(type: resource.type, name: resource.name)
                    do throws(BrokerError) {
                        let all = try configs(resource, request, context.core)
                        result.configs = all.filter { resource.keys?.contains($0.name) ?? true }
                    } catch {
                        result.errorCode = error.errorCode
                        result.errorMessage = error.message
                    }
                    return result
                }))
    }

    private static func configs(
        _ resource: DescribeConfigsRequest.Resource, _ request: DescribeConfigsRequest, _ core: BrokerCore
    ) throws(BrokerError) -> [DescribeConfigsResponse.Config] {
        switch resource.type {
        case topicType:
            guard let topic = core.catalog.topic(resource.name) else {
                try TopicName.check(resource.name)
                throw BrokerError(.unknownTopic, "topic \(resource.name) does not exist")
            }
            return TopicSetting.all.map { config($0, topic.configuration, request, core.options) }
        case brokerType:
            guard resource.name.isEmpty || resource.name == "\(core.options.nodeID)" else {
                throw BrokerError(
                    .invalidRequest, "broker \(resource.name) is not here; the only one is \(core.options.nodeID)")
            }
            return BrokerSetting.all(core.options).map { config($0, request) }
        default:
            throw BrokerError(.invalidRequest, "resources of type \(resource.type) have no settings here")
        }
    }

    private static func config(
        _ setting: TopicSetting, _ configuration: TopicConfiguration, _ request: DescribeConfigsRequest,
        _ options: BrokerOptions
    ) -> DescribeConfigsResponse.Config {
        let value = configuration.value(setting.name, options)
        let source = setting.source(configuration, options)
        var config = DescribeConfigsResponse.Config(
            name: setting.name, value: value, source: source,
            type: ConfigType(rawValue: setting.wireType.rawValue) ?? .unknown)
        if request.includeDocumentation { config.documentation = setting.documentation }
        guard request.includeSynonyms else { return config }
        config.synonyms.append(DescribeConfigsResponse.Synonym(name: setting.name, value: value, source: source))
        if source == .dynamicTopicConfig {
            config.synonyms.append(
                DescribeConfigsResponse.Synonym(
                    name: setting.name, value: TopicConfiguration.defaultValue(setting.name, options),
                    source: .defaultConfig))
        }
        return config
    }

    private static func config(
        _ setting: BrokerSetting, _ request: DescribeConfigsRequest
    ) -> DescribeConfigsResponse.Config {
        var config = DescribeConfigsResponse.Config(
            name: setting.name, value: setting.value, isReadOnly: true, source: .staticBrokerConfig,
            type: setting.type)
        if request.includeDocumentation { config.documentation = setting.documentation }
        if request.includeSynonyms {
            config.synonyms = [
                DescribeConfigsResponse.Synonym(
                    name: setting.name, value: setting.value, source: .staticBrokerConfig)
            ]
        }
        return config
    }
}

/// A setting of the broker as Kafka names it; all are read-only, they come from the configuration file.
private struct BrokerSetting {
    let name: String
    let value: String
    let type: ConfigType
    let documentation: String

    private init(_ name: String, _ value: String, _ type: ConfigType, _ documentation: String) {
        self.name = name
        self.value = value
        self.type = type
        self.documentation = documentation
    }

    static func all(_ options: BrokerOptions) -> [BrokerSetting] {
        let listeners = options.listen.map { "PLAINTEXT://\($0)" }.joined(separator: ",")
        return [
            BrokerSetting(
                "auto.create.topics.enable", "\(options.autoCreate)", .boolean,
                "Whether producing to an unknown topic creates it."),
            BrokerSetting("broker.id", "\(options.nodeID)", .int, "The broker's number."),
            BrokerSetting(
                "default.replication.factor", "1", .int, "Copies of a partition; there is one broker."),
            BrokerSetting("fetch.max.bytes", "\(options.fetchMaxBytes)", .int, "The most bytes of one fetch response."),
            BrokerSetting("listeners", listeners, .string, "Where clients connect."),
            BrokerSetting(
                "log.cleanup.policy", TopicConfiguration.defaultValue("cleanup.policy", options), .list,
                "What happens to old segments."),
            BrokerSetting("log.dirs", options.dataDirectory, .string, "Where logs are kept."),
            BrokerSetting(
                "log.retention.bytes", "\(options.retentionBytes)", .long, "Bytes of a partition that are kept."),
            BrokerSetting(
                "log.retention.ms", "\(options.retentionMilliseconds)", .long, "How long records are kept, in ms."),
            BrokerSetting(
                "log.segment.bytes", "\(options.segmentBytes)", .int, "The size at which a segment is begun."),
            BrokerSetting(
                "max.connections", "\(options.connectionsMax)", .int, "The most connections at a time."),
            BrokerSetting(
                "message.max.bytes", "\(options.messageMaxBytes)", .int, "The largest record batch that is taken."),
            BrokerSetting("node.id", "\(options.nodeID)", .int, "The broker's number."),
            BrokerSetting(
                "num.partitions", "\(options.defaultPartitions)", .int, "Partitions of topics made without a count."),
        ]
    }
}
