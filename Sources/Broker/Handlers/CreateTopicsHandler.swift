import Bytes
import KafkaWire

/// CreateTopics (API 19).
enum CreateTopicsHandler {
    static func handle(_ request: CreateTopicsRequest, _ context: RequestContext) {
        let core = context.core
        let version = context.version
        context.onWorker {
            let names = request.topics.map(\.name)
            let repeated = Set(names.filter { name in names.count(where: { $0 == name }) > 1 })
            return CreateTopicsResponse(
                topics: request.topics.map { topic in
                    guard !repeated.contains(topic.name) else {
                        return CreateTopicsResponse.Topic(
                            name: topic.name, errorCode: .invalidRequest, errorMessage: "topic named twice")
                    }
                    return create(topic, request.validateOnly, version, core)
                })
        } then: { response in
            for topic in response.topics where topic.errorCode != .none { context.count(topic.errorCode) }
            context.answer(response)
        }
    }

    private static func create(
        _ topic: CreateTopicsRequest.Topic, _ validateOnly: Bool, _ version: Int16, _ core: BrokerCore
    ) -> CreateTopicsResponse.Topic {
        var answer = CreateTopicsResponse.Topic(name: topic.name)
        do throws(BrokerError) {
            let new = try specification(topic, version)
            let record = try core.catalog.create(new, validateOnly: validateOnly)
            answer.id = validateOnly ? .zero : record.id
            answer.partitionCount = record.partitionCount
            answer.replicationFactor = 1
            let configuration = try TopicConfiguration(record.settings)
            answer.configs = TopicSetting.all.map { setting in
                CreateTopicsResponse.Config(
                    name: setting.name, value: configuration.value(setting.name, core.options),
                    source: setting.source(configuration, core.options))
            }
        } catch {
            answer.errorCode = error.errorCode
            answer.errorMessage = error.message
            answer.configs = []
        }
        return answer
    }

    private static func specification(
        _ topic: CreateTopicsRequest.Topic, _ version: Int16
    ) throws(BrokerError) -> TopicCatalog.NewTopic {
        var new = TopicCatalog.NewTopic(
            name: topic.name, partitionCount: topic.partitionCount, replicationFactor: topic.replicationFactor)
        // A null value is the default, as in Kafka.
        for config in topic.configs {
            guard new.settings[config.name] == nil else {
                throw BrokerError(.invalidConfiguration, "setting \(config.name) is given twice")
            }
            if config.value == nil && TopicSetting.named(config.name) == nil {
                throw BrokerError(.invalidConfiguration, "unknown topic setting \(config.name.debugDescription)")
            }
            new.settings[config.name] = config.value
        }
        guard !topic.assignments.isEmpty else { return new }
        guard topic.partitionCount == -1, topic.replicationFactor == -1 else {
            throw BrokerError(.invalidRequest, "give either an assignment, or partition count and replication factor")
        }
        let indexes = Set(topic.assignments.map(\.index))
        guard indexes == Set(0..<Int32(clamping: topic.assignments.count)) else {
            throw BrokerError(.invalidPartitions, "an assignment names each partition from 0 on once")
        }
        new.partitionCount = Int32(clamping: topic.assignments.count)
        return new
    }
}

extension TopicSetting {
    /// Where the value that counts comes from.
    func source(_ configuration: TopicConfiguration, _ options: BrokerOptions) -> ConfigSource {
        if configuration.overrides[name] != nil { return .dynamicTopicConfig }
        switch name {
        case "max.message.bytes", "retention.ms", "retention.bytes", "segment.bytes", "write.caching":
            return .staticBrokerConfig
        default: return .defaultConfig
        }
    }
}
