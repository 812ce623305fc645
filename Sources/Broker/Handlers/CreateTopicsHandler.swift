import Bytes
import KafkaWire

/// CreateTopics (API 19).
enum CreateTopicsHandler {
    static func handle(_ request: CreateTopicsRequest, _ context: RequestContext) {
        let core = context.core
        context.onWorker {
            let repeated = Repeated(request.topics.map(\.name))
            return CreateTopicsResponse(
                topics: request.topics.map { create($0, request.validateOnly, repeated, core) })
        } then: { response in
            for topic in response.topics where topic.errorCode != .none { context.count(topic.errorCode) }
            context.answer(response)
        }
    }

    private static func create(
        _ topic: CreateTopicsRequest.Topic, _ validateOnly: Bool, _ repeated: Repeated<String>, _ core: BrokerCore
    ) -> CreateTopicsResponse.Topic {
        var answer = CreateTopicsResponse.Topic(name: topic.name)
        do throws(BrokerError) {
            try repeated.check(topic.name)
            let new = try specification(topic, core)
            let record = try core.catalog.create(new, validateOnly: validateOnly)
            answer.id = validateOnly ? .zero : record.id
            answer.partitionCount = record.partitionCount
            answer.replicationFactor = 1
            let configuration = try TopicConfiguration(record.settings)
            answer.configs = DescribedSetting.topic(configuration, core.settings.broker).map { setting in
                CreateTopicsResponse.Config(
                    name: setting.name, value: setting.value, isReadOnly: setting.isReadOnly, source: setting.source)
            }
        } catch {
            answer.errorCode = error.errorCode
            answer.errorMessage = error.message
            answer.configs = []
        }
        return answer
    }

    private static func specification(
        _ topic: CreateTopicsRequest.Topic, _ core: BrokerCore
    ) throws(BrokerError) -> TopicCatalog.NewTopic {
        var new = TopicCatalog.NewTopic(
            name: topic.name, partitionCount: topic.partitionCount, replicationFactor: topic.replicationFactor)
        for config in topic.configs {
            guard new.settings[config.name] == nil else {
                throw BrokerError(.invalidConfiguration, "setting \(config.name) is given twice")
            }
            guard let value = config.value else {
                throw BrokerError(.invalidConfiguration, "setting \(config.name): a null value is not supported")
            }
            new.settings[config.name] = value
        }
        guard !topic.assignments.isEmpty else { return new }
        guard topic.partitionCount == -1, topic.replicationFactor == -1 else {
            throw BrokerError(.invalidRequest, "give either an assignment, or partition count and replication factor")
        }
        let indexes = Set(topic.assignments.map(\.index))
        guard indexes == Set(0..<Int32(clamping: topic.assignments.count)) else {
            throw BrokerError(.invalidReplicaAssignment, "an assignment names each partition from 0 on once")
        }
        for assignment in topic.assignments {
            try ReplicaAssignment.check(assignment.brokerIDs, nodeID: core.options.nodeID)
        }
        new.partitionCount = Int32(clamping: topic.assignments.count)
        return new
    }
}
