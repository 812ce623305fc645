import KafkaWire
import Streams

extension EmbeddedStreams {
    public func settings(topic name: String) throws(StreamError) -> [StreamTopicSetting] {
        try checkOpen()
        guard let topic = catalog.topic(name) else {
            throw StreamError(.unknownTopic, "topic \(name) does not exist")
        }
        return DescribedSetting.topic(topic.configuration, catalog.broker).map { setting in
            let source: StreamTopicSetting.Source =
                switch setting.source {
                case .dynamicTopicConfig: .topic
                case .staticBrokerConfig, .dynamicBrokerConfig, .dynamicDefaultBrokerConfig: .broker
                default: .builtIn
                }
            return StreamTopicSetting(
                name: setting.name, value: setting.value, source: source, isReadOnly: false)
        }
    }

    public func alterSettings(topic: String, _ changes: [String: String?]) throws(StreamError) {
        try checkOpen()
        do throws(BrokerError) {
            try catalog.configure(topic, changes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        } catch {
            throw error.streamError
        }
    }

    public func addPartitions(topic: String, count: Int32) throws(StreamError) {
        try checkOpen()
        do throws(BrokerError) {
            try catalog.addPartitions(topic, total: count)
        } catch {
            throw error.streamError
        }
    }

    public func deleteRecords(
        before offsets: [TopicPartition: Int64]
    ) throws(StreamError) -> [TopicPartition: Int64] {
        try checkOpen()
        var first: [TopicPartition: Int64] = [:]
        var failure: BrokerError?
        for (partition, offset) in offsets {
            do throws(BrokerError) {
                first[partition] = try catalog.deleteRecords(partition, before: offset)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure.streamError }
        return first
    }

    public func committedOffsets(group: String) throws(StreamError) -> [TopicPartition: Int64] {
        try checkOpen()
        let committed = offsets.committed(group: group).map { key, value in
            (TopicPartition(key.topic, key.partition), value.offset)
        }
        return Dictionary(uniqueKeysWithValues: committed)
    }
}
