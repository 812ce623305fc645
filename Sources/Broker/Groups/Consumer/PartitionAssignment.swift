import Bytes
import KafkaWire

/// A set of partitions, by the id of their topic. No topic has an empty set, so that equal sets are equal values.
struct PartitionAssignment: Equatable, Sendable {
    private(set) var byTopic: [UUID: Set<Int32>] = [:]

    /// No partitions.
    init() {}

    /// These partitions.
    init(_ byTopic: [UUID: Set<Int32>]) {
        self.byTopic = byTopic.filter { !$0.value.isEmpty }
    }

    /// The partitions that a message lists, each once.
    init(_ listed: [ConsumerGroupTopicPartitions]) {
        for topic in listed where !topic.partitions.isEmpty {
            byTopic[topic.topicID, default: []].formUnion(topic.partitions)
        }
    }

    var isEmpty: Bool { byTopic.isEmpty }

    /// How many partitions there are.
    var count: Int { byTopic.values.reduce(0) { $0 + $1.count } }

    /// Each topic with its partitions, in the order of ids and numbers.
    var listed: [ConsumerGroupTopicPartitions] {
        byTopic.sorted { $0.key < $1.key }.map {
            ConsumerGroupTopicPartitions(topicID: $0.key, partitions: $0.value.sorted())
        }
    }

    func contains(_ topic: UUID, _ partition: Int32) -> Bool { byTopic[topic]?.contains(partition) ?? false }

    mutating func insert(_ topic: UUID, _ partition: Int32) { byTopic[topic, default: []].insert(partition) }

    mutating func insert(_ topic: UUID, _ partitions: some Sequence<Int32>) {
        for partition in partitions { insert(topic, partition) }
    }

    mutating func remove(_ topic: UUID, _ partition: Int32) {
        byTopic[topic]?.remove(partition)
        if byTopic[topic]?.isEmpty == true { byTopic[topic] = nil }
    }

    func isSubset(of other: PartitionAssignment) -> Bool {
        byTopic.allSatisfy { topic, partitions in other.byTopic[topic].map(partitions.isSubset) ?? false }
    }

    func isDisjoint(with other: PartitionAssignment) -> Bool {
        byTopic.allSatisfy { topic, partitions in other.byTopic[topic].map(partitions.isDisjoint) ?? true }
    }

    func intersection(_ other: PartitionAssignment) -> PartitionAssignment {
        combined(with: other) { $0.intersection($1) }
    }

    func subtracting(_ other: PartitionAssignment) -> PartitionAssignment {
        combined(with: other) { $0.subtracting($1) }
    }

    func union(_ other: PartitionAssignment) -> PartitionAssignment {
        PartitionAssignment(byTopic.merging(other.byTopic) { $0.union($1) })
    }

    private func combined(
        with other: PartitionAssignment, _ operation: (Set<Int32>, Set<Int32>) -> Set<Int32>
    ) -> PartitionAssignment {
        var result: [UUID: Set<Int32>] = [:]
        for (topic, partitions) in byTopic { result[topic] = operation(partitions, other.byTopic[topic] ?? []) }
        return PartitionAssignment(result)
    }
}
