import KafkaWire

/// DescribeConfigs (API 32): settings of topics, the broker, groups and log levels, with where each comes from.
enum DescribeConfigsHandler {
    static func handle(_ request: DescribeConfigsRequest, _ context: RequestContext) {
        let core = context.core
        context.answer(
            DescribeConfigsResponse(
                results: request.resources.map { resource in
                    var result = DescribeConfigsResponse.Result(type: resource.type, name: resource.name)
                    do throws(BrokerError) {
                        let settings = try describe(
                            ConfigurationResource(
                                type: resource.type, name: resource.name, nodeID: core.options.nodeID),
                            core)
                        let keys = resource.keys ?? []
                        result.configs = settings.filter { keys.isEmpty || keys.contains($0.name) }.map {
                            $0.config(request)
                        }
                    } catch {
                        context.count(error.errorCode)
                        result.errorCode = error.errorCode
                        result.errorMessage = error.message
                    }
                    return result
                }))
    }

    private static func describe(
        _ resource: ConfigurationResource, _ core: BrokerCore
    ) throws(BrokerError) -> [DescribedSetting] {
        switch resource {
        case .topic(let name):
            try TopicName.check(name)
            guard let topic = core.catalog.topic(name) else {
                throw BrokerError(.unknownTopic, "topic \(name) does not exist")
            }
            return DescribedSetting.topic(topic.configuration, core.settings.broker)
        case .node: return DescribedSetting.node(core.settings.broker)
        case .cluster: return DescribedSetting.cluster(core.settings.broker)
        case .group(let name): return DescribedSetting.group(core.settings.group(name), core.options.groups)
        case .logger: return DescribedSetting.logger()
        }
    }
}

extension DescribedSetting {
    /// The setting in the answer, with as much as the client asked for.
    fileprivate func config(_ request: DescribeConfigsRequest) -> DescribeConfigsResponse.Config {
        DescribeConfigsResponse.Config(
            name: name, value: value, isReadOnly: isReadOnly, source: source, isSensitive: false,
            synonyms: request.includeSynonyms
                ? layers.map { DescribeConfigsResponse.Synonym(name: $0.name, value: $0.value, source: $0.source) }
                : [],
            type: type, documentation: request.includeDocumentation ? documentation : nil)
    }
}
