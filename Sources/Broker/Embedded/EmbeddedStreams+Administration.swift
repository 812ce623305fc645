import KafkaWire
import Streams
import Synchronization
import System

extension EmbeddedStreams {
    /// The cluster of one. Its broker has no host and port 0 while it does not listen.
    public func cluster() throws(StreamError) -> ClusterDescription {
        try checkOpen()
        let address = address.withLock { $0 }
        let broker = ClusterDescription.Broker(
            id: options.nodeID, host: address?.host ?? "", port: Int32(address?.port ?? 0))
        return ClusterDescription(id: clusterID, controller: options.nodeID, brokers: [broker])
    }

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
