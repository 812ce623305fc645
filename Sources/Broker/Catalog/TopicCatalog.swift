import Bytes
import CommitLog
import Observability
import Synchronization
import System

/// The topics that exist. Looking up never waits; changes are made one at a time, block until they are durable, and
/// belong on a worker thread.
///
/// A change is first written to `__cluster_metadata`, then made in the log, then seen by requests. What a crash leaves
/// half done is finished at the next start: missing partitions are created, files of deleted topics removed.
final class TopicCatalog: Sendable {
    /// What a topic is to be like.
    struct NewTopic: Sendable {
        var name: String
        /// -1 for the broker's default.
        var partitionCount: Int32 = -1
        /// -1 for the broker's default, 1.
        var replicationFactor: Int16 = -1
        var settings: [String: String] = [:]
    }

    private struct State: Sendable {
        var byName: [String: Topic] = [:]
        var byID: [UUID: Topic] = [:]
        /// All topics sorted by name; nil after a change, until somebody asks.
        var sorted: [Topic]?
        var deletionObservers: [@Sendable (Topic) -> Void] = []
        /// Made when it is asked for after a change.
        var snapshot: TopicSnapshot?
        /// How many topics take batches of so many bytes.
        var messageBytesMaxCounts: [Int: Int] = [:]

        mutating func publish(_ topic: Topic) {
            if let old = byName[topic.name] { uncount(old) }
            messageBytesMaxCounts[topic.messageBytesMax, default: 0] += 1
            byName[topic.name] = topic
            byID[topic.id] = topic
            hasChanged()
        }

        mutating func forget(_ topic: Topic) {
            uncount(topic)
            byName[topic.name] = nil
            byID[topic.id] = nil
            hasChanged()
        }

        private mutating func uncount(_ topic: Topic) {
            let left = messageBytesMaxCounts[topic.messageBytesMax, default: 1] - 1
            messageBytesMaxCounts[topic.messageBytesMax] = left == 0 ? nil : left
        }

        private mutating func hasChanged() {
            sorted = nil
            snapshot = nil
        }

        mutating func allSorted() -> [Topic] {
            if let sorted { return sorted }
            let all = byName.values.sorted { $0.name < $1.name }
            sorted = all
            return all
        }
    }

    /// How large a request must be able to be for the topics that there are, and for one of the broker's defaults.
    let requestLimit = RequestLimit()

    private let log: CommitLog
    private let store: MetadataStore
    private let options: BrokerOptions
    private let settings: DynamicSettings
    private let metrics: Metrics
    private let clock: any Clock
    private let state = Mutex(State())
    /// Held while a change is made.
    private let changing = Mutex(())

    /// Makes the catalog that `store` holds and brings `log` in line with it.
    init(
        log: CommitLog, store: MetadataStore, internalTopics: [(name: String, partition: PartitionLog)],
        options: BrokerOptions, settings: DynamicSettings, metrics: Metrics, clock: any Clock
    ) throws(BrokerError) {
        self.log = log
        self.store = store
        self.options = options
        self.settings = settings
        self.metrics = metrics
        self.clock = clock
        for topic in internalTopics {
            let record = MetadataRecord.TopicRecord(
                id: TopicName.id(ofInternal: topic.name), name: topic.name, partitionCount: 1, createdMilliseconds: 0,
                settings: [:])
            var configuration = TopicConfiguration()
            try configuration.set("cleanup.policy", "compact")
            let made = self.topic(record, [topic.partition], configuration, settings.broker)
            publish(made)
        }
        for name in store.deletedNames { try removeFiles(name) }
        for case .topic(let record) in store.records {
            let made = try open(record)
            publish(made)
        }
        reportOrphans()
    }

    // MARK: - Looking up

    /// The broker's settings now, which give topics their defaults.
    var broker: BrokerConfiguration { settings.broker }

    /// The topic of this name; nil when there is none.
    func topic(_ name: String) -> Topic? { state.withLock { $0.byName[name] } }

    /// The topic of this id; nil when there is none.
    func topic(id: UUID) -> Topic? { state.withLock { $0.byID[id] } }

    /// All topics sorted by name; the broker's own are left out while they are empty.
    var topics: [Topic] {
        state.withLock { $0.allSorted() }.filter { topic in
            !topic.isInternal
                || topic.name != TopicName.clusterMetadata && topic.partitions.contains { $0.endOffset > 0 }
        }
    }

    /// Which topics clients can subscribe to, now.
    var snapshot: TopicSnapshot {
        state.withLock { state in
            if let snapshot = state.snapshot { return snapshot }
            let topics = state.byName.filter { !$0.value.isInternal }
            let made = TopicSnapshot(
                topics.mapValues { TopicSnapshot.Entry(id: $0.id, partitionCount: Int32($0.partitions.count)) })
            state.snapshot = made
            return made
        }
    }

    /// Calls `body`, on the thread that deletes, for every topic deleted from now on.
    func observeDeletions(_ body: @escaping @Sendable (Topic) -> Void) {
        state.withLock { $0.deletionObservers.append(body) }
    }

    // MARK: - Changing

    /// Creates a topic, or only checks that it could be.
    ///
    /// - Returns: the topic; when only validating, the record that it would have.
    @discardableResult
    func create(_ new: NewTopic, validateOnly: Bool = false) throws(BrokerError) -> MetadataRecord.TopicRecord {
        try changing.withLock { (_) throws(BrokerError) -> MetadataRecord.TopicRecord in
            let record = try check(new)
            guard !validateOnly else { return record }
            if store.deletedNames.contains(record.name) { try removeFiles(record.name) }
            try store.put([.topic(record)])
            let made: Topic
            do throws(BrokerError) {
                made = try open(record)
            } catch {
                try? store.put([.topicDeleted(record.id)])
                throw error
            }
            publish(made)
            Log("broker").info("created topic \(record.name) with \(record.partitionCount) partitions")
            return record
        }
    }

    /// The topic of this name, made with the defaults when there is none.
    func ensure(_ name: String) throws(BrokerError) -> Topic {
        if let topic = topic(name) { return topic }
        do throws(BrokerError) {
            try create(NewTopic(name: name))
        } catch {
            guard error.kind == .topicExists else { throw error }
        }
        guard let topic = topic(name) else { throw BrokerError(.unknownTopic, "topic \(name) was deleted again") }
        return topic
    }

    /// Deletes a topic with its records.
    func delete(_ name: String) throws(BrokerError) {
        try changing.withLock { (_) throws(BrokerError) -> Void in
            let topic = try changeable(name)
            try store.put([.topicDeleted(topic.id)])
            let observers = state.withLock { state in
                state.forget(topic)
                followLargestBatch(state)
                return state.deletionObservers
            }
            try removeFiles(name)
            for observer in observers { observer(topic) }
            Log("broker").info("deleted topic \(name)")
        }
    }

    /// Gives a topic more partitions; the ones that it has stay as they are.
    func addPartitions(_ name: String, total: Int32, validateOnly: Bool = false) throws(BrokerError) {
        try changing.withLock { (_) throws(BrokerError) -> Void in
            let topic = try changeable(name)
            let present = Int32(topic.partitions.count)
            guard total > present else {
                throw BrokerError(
                    .invalidPartitions, "topic \(name) has \(present) partitions; the new count must be larger")
            }
            try checkPartitionCount(total, adding: total - present)
            guard !validateOnly else { return }
            var record = topic.record
            record.partitionCount = total
            try replace(topic, with: record)
        }
    }

    /// Changes settings of a topic; nil as a value returns to the default.
    func configure(
        _ name: String, _ changes: [(name: String, value: String?)], replacingAll: Bool = false,
        validateOnly: Bool = false
    ) throws(BrokerError) {
        try changing.withLock { (_) throws(BrokerError) -> Void in
            let topic = try changeable(name)
            var configuration = replacingAll ? TopicConfiguration() : topic.configuration
            for change in changes { try configuration.set(change.name, change.value) }
            guard !validateOnly, configuration != topic.configuration else { return }
            var record = topic.record
            record.settings = configuration.overrides
            try replace(topic, with: record)
        }
    }

    /// Gives all topics the broker's defaults as they are now.
    func applyDefaults() throws(BrokerError) {
        try changing.withLock { (_) throws(BrokerError) -> Void in
            for topic in state.withLock({ Array($0.byName.values) }) where !topic.isInternal {
                let made = try open(topic.record)
                publish(made)
            }
        }
    }

    // MARK: - Parts

    private func publish(_ topic: Topic) {
        state.withLock { state in
            state.publish(topic)
            followLargestBatch(state)
        }
    }

    private func followLargestBatch(_ state: borrowing State) {
        requestLimit.follow(
            messageBytesMax: max(options.messageMaxBytes, state.messageBytesMaxCounts.keys.max() ?? 0))
    }

    private func replace(_ topic: Topic, with record: MetadataRecord.TopicRecord) throws(BrokerError) {
        try store.put([.topic(record)])
        let made = try open(record)
        publish(made)
    }

    private func changeable(_ name: String) throws(BrokerError) -> Topic {
        guard let topic = topic(name) else { throw BrokerError(.unknownTopic, "topic \(name) does not exist") }
        guard !topic.isInternal else {
            throw BrokerError(.invalidTopic, "topic \(name) holds the broker's own state and cannot be changed")
        }
        return topic
    }

    private func check(_ new: NewTopic) throws(BrokerError) -> MetadataRecord.TopicRecord {
        try TopicName.check(new.name)
        guard !TopicName.isInternal(new.name) else {
            throw BrokerError(.invalidTopic, "topic name \(new.name) is kept for the broker itself")
        }
        guard topic(new.name) == nil else { throw BrokerError(.topicExists, "topic \(new.name) exists already") }
        let count = new.partitionCount == -1 ? options.defaultPartitions : new.partitionCount
        try checkPartitionCount(count, adding: count)
        try checkReplication(new)
        let configuration = try TopicConfiguration(new.settings)
        return MetadataRecord.TopicRecord(
            id: .random(), name: new.name, partitionCount: count, createdMilliseconds: clock.wallMilliseconds,
            settings: configuration.overrides)
    }

    private func checkPartitionCount(_ count: Int32, adding: Int32) throws(BrokerError) {
        guard count >= 1 else {
            throw BrokerError(.invalidPartitions, "partition count \(count): give at least 1, or -1 for the default")
        }
        let present = state.withLock { $0.byName.values.reduce(0) { $0 + $1.partitions.count } }
        guard present + Int(adding) <= options.partitionsMax else {
            throw BrokerError(
                .invalidPartitions,
                "\(adding) more partitions: there are \(present), and \(options.partitionsMax) are allowed")
        }
    }

    private func checkReplication(_ new: NewTopic) throws(BrokerError) {
        let factor = new.replicationFactor
        if factor == -1 || factor == 1 { return }
        guard factor > 1, options.clampReplication else {
            throw BrokerError(
                .invalidReplicationFactor, "replication factor \(factor): this broker is the only one, give 1")
        }
        Log("broker").info("topic \(new.name): replication factor \(factor) is taken as 1, there is one broker")
    }

    /// The topic of a record, with partitions opened or made.
    private func open(_ record: MetadataRecord.TopicRecord) throws(BrokerError) -> Topic {
        let configuration = try TopicConfiguration(record.settings)
        let broker = settings.broker
        let settings = configuration.partitionSettings(broker)
        var partitions: [PartitionLog] = []
        do throws(LogError) {
            for index in 0..<record.partitionCount {
                if let present = log.partition(topic: record.name, partition: index) {
                    present.apply(settings)
                    partitions.append(present)
                } else {
                    partitions.append(
                        try log.createPartition(topic: record.name, partition: index, settings: settings))
                }
            }
        } catch {
            throw BrokerError(error)
        }
        return topic(record, partitions, configuration, broker)
    }

    private func topic(
        _ record: MetadataRecord.TopicRecord, _ partitions: [PartitionLog], _ configuration: TopicConfiguration,
        _ broker: BrokerConfiguration
    ) -> Topic {
        Topic(
            record, partitions: partitions, configuration: configuration,
            isInternal: TopicName.isInternal(record.name),
            counters: Topic.Counters(metrics, topic: record.name), broker: broker)
    }

    /// Removes every partition of a name from the log.
    private func removeFiles(_ name: String) throws(BrokerError) {
        do throws(LogError) {
            for partition in log.partitions where partition.topic == name {
                try log.deletePartition(topic: name, partition: partition.partition)
            }
        } catch {
            throw BrokerError(error)
        }
    }

    /// Partitions without a topic are kept as they are: their topic's record may be lost, their records are not.
    private func reportOrphans() {
        let known = state.withLock { Set($0.byName.keys) }
        let orphans = Set(log.partitions.map(\.topic)).subtracting(known).filter { !TopicName.isInternal($0) }
        for name in orphans.sorted() {
            Log("broker").warning(
                "files of topic \(name), which is not in \(TopicName.clusterMetadata): create the topic to read them")
        }
    }
}
