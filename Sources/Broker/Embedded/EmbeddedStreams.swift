import CommitLog
import KafkaWire
import Streams
import Synchronization
import System

/// `Streams` straight on the log of the broker in this process: no socket, no encoding that is not stored.
///
/// Thread-safe. It stays usable until it is closed or the broker stops.
public final class EmbeddedStreams: Streams {
    let catalog: TopicCatalog
    let options: BrokerOptions
    let clock: any Clock
    let groupCoordinator: GroupCoordinator
    let offsets: OffsetStore
    let clusterID: String
    /// Where clients reach the broker; nil while it does not listen.
    let address = Mutex<Endpoint?>(nil)
    private let isClosed = Atomic<Bool>(false)
    /// Sends what has lingered long enough; made with the first producer that lingers.
    private let lingerer = Mutex<Lingerer?>(nil)

    init(_ core: BrokerCore) {
        catalog = core.catalog
        groupCoordinator = core.groups
        offsets = core.offsets
        clusterID = core.clusterID
        options = core.options
        clock = core.clock
    }

    public func topics() throws(StreamError) -> [TopicDescription] {
        try checkOpen()
        return catalog.topics.map(Self.description)
    }

    public func topic(_ name: String) throws(StreamError) -> TopicDescription? {
        try checkOpen()
        return catalog.topic(name).map(Self.description)
    }

    private static func description(_ topic: Topic) -> TopicDescription {
        TopicDescription(
            name: topic.name, partitionCount: Int32(topic.partitions.count), isInternal: topic.isInternal)
    }

    public func createTopic(_ specification: TopicSpecification) throws(StreamError) {
        try checkOpen()
        do throws(BrokerError) {
            try catalog.create(
                TopicCatalog.NewTopic(
                    name: specification.name, partitionCount: specification.partitionCount,
                    replicationFactor: specification.replicationFactor, settings: specification.configuration))
        } catch {
            throw error.streamError
        }
    }

    public func deleteTopic(_ name: String) throws(StreamError) {
        try checkOpen()
        do throws(BrokerError) {
            try catalog.delete(name)
        } catch {
            throw error.streamError
        }
    }

    public func watermarks(_ partition: TopicPartition) throws(StreamError) -> Watermarks {
        try Self.watermarks(log(partition))
    }

    private static func watermarks(_ log: PartitionLog) -> Watermarks {
        Watermarks(low: log.startOffset, high: log.lastStableOffset)
    }

    public func offset(
        _ partition: TopicPartition, atOrAfter timestampMilliseconds: Int64
    ) throws(StreamError) -> Int64? {
        let log = try log(partition)
        do throws(LogError) {
            return try log.offset(forTimestamp: timestampMilliseconds)?.offset
        } catch {
            throw error.streamError
        }
    }

    public func makeReader(_ assignments: [ReaderAssignment]) throws(StreamError) -> any StreamReader {
        var logs: [PartitionLog] = []
        for assignment in assignments { logs.append(try log(assignment.partition)) }
        return try EmbeddedReader(assignments, logs)
    }

    public func makeProducer(_ options: ProducerOptions) throws(StreamError) -> any StreamProducer {
        try checkOpen()
        guard options.batchBytes > 0, options.lingerMilliseconds >= 0 else {
            throw StreamError(.invalidArgument, "a producer needs batchBytes above 0 and a linger of 0 ms or more")
        }
        let lingerer = options.lingerMilliseconds == 0 ? nil : sharedLingerer()
        let producer = EmbeddedProducer(self, options, lingerer)
        lingerer?.add(producer)
        return producer
    }

    private func sharedLingerer() -> Lingerer {
        lingerer.withLock { lingerer in
            let made = lingerer ?? Lingerer()
            lingerer = made
            return made
        }
    }

    public func committedOffsets(
        group: String, _ partitions: [TopicPartition]
    ) throws(StreamError) -> [TopicPartition: Int64] {
        try checkOpen()
        var committed: [TopicPartition: Int64] = [:]
        for partition in partitions {
            let key = OffsetKey(group: group, topic: partition.topic, partition: partition.partition)
            committed[partition] = offsets.committed(key)?.offset
        }
        return committed
    }

    public func commit(group: String, _ offsets: [TopicPartition: Int64]) throws(StreamError) {
        try checkOpen()
        guard !group.isEmpty, group.utf8.count <= Int(Int16.max) else {
            throw StreamError(.invalidArgument, "a group's name has 1 to \(Int16.max) bytes")
        }
        for partition in offsets.keys { _ = try log(partition) }
        let now = clock.wallMilliseconds
        let entries = offsets.map { partition, offset in
            (
                key: OffsetKey(group: group, topic: partition.topic, partition: partition.partition),
                value: Optional(CommittedOffset(offset: offset, committedMilliseconds: now))
            )
        }
        guard !entries.isEmpty else { return }
        let outcome = Condition<ErrorCode?>(nil)
        let identity = ClassicGroup.Identity(memberID: "", instanceID: nil, generation: -1)
        groupCoordinator.commit(group, identity, entries) { error in outcome.update { $0 = error } }
        let error = outcome.wait(milliseconds: nil) { $0 } ?? .none
        switch error {
        case .none: return
        case .unknownMemberID:
            throw StreamError(.other, "group \(group) has members: stop them to change its offsets")
        default:
            throw StreamError(.storage, "offsets of group \(group) could not be written down: \(error)")
        }
    }

    public func statistics() throws(StreamError) -> [PartitionStatistics] {
        try checkOpen()
        return catalog.topics.flatMap { topic in
            topic.partitions.enumerated().map { index, log in
                PartitionStatistics(
                    partition: TopicPartition(topic.name, Int32(index)), watermarks: Self.watermarks(log),
                    sizeBytes: log.sizeBytes)
            }
        }
    }

    public func close() {
        isClosed.store(true, ordering: .relaxed)
        let running = lingerer.withLock { lingerer in
            defer { lingerer = nil }
            return lingerer
        }
        running?.stop()
    }

    /// Throws `closed` after `close`.
    func checkOpen() throws(StreamError) {
        guard !isClosed.load(ordering: .relaxed) else { throw StreamError(.closed, "the broker is stopping") }
    }

    /// The log of a partition.
    func log(_ partition: TopicPartition) throws(StreamError) -> PartitionLog {
        try checkOpen()
        guard let topic = catalog.topic(partition.topic) else {
            throw StreamError(.unknownTopic, "topic \(partition.topic) does not exist")
        }
        guard let log = topic.partition(partition.partition) else {
            throw StreamError(
                .unknownTopic,
                "topic \(partition.topic) has \(topic.partitions.count) partitions, none is \(partition.partition)")
        }
        return log
    }
}
