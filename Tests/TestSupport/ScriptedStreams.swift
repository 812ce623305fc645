import Streams
import Synchronization

/// Streams in memory: what is appended or sent can be read at once, nothing waits, and failures come on request.
public final class ScriptedStreams: Streams {
    /// A record as it was appended or sent.
    public struct Record: Sendable, Equatable {
        /// Its topic.
        public let topic: String
        /// Its key.
        public let key: [UInt8]?
        /// Its value; empty for a tombstone.
        public let value: [UInt8]
        /// Its time in ms since the epoch; nil when the sender left it to the broker.
        public let timestampMilliseconds: Int64?

        /// The key as text; empty without one.
        public var keyText: String { String(decoding: key ?? [], as: UTF8.self) }
    }

    private struct Topic {
        var partitions: [[Record]]
        var low: [Int64]

        init(_ count: Int) {
            partitions = Array(repeating: [], count: count)
            low = Array(repeating: 0, count: count)
        }
    }

    private struct State {
        var topics: [String: Topic] = [:]
        var inOrder: [Record] = []
        var refusal: StreamError?
        var sendFailures: [StreamError] = []
        var readFailures: [StreamError] = []

        func log(_ partition: TopicPartition) throws(StreamError) -> (records: [Record], low: Int64) {
            let index = Int(partition.partition)
            guard let topic = topics[partition.topic], topic.partitions.indices.contains(index) else {
                throw StreamError(.unknownTopic, "no \(partition)")
            }
            return (topic.partitions[index], topic.low[index])
        }
    }

    private let state = Mutex(State())
    private let onSend: @Sendable (Record) -> Void

    /// Streams without topics.
    ///
    /// - Parameter onSend: called after every record that a producer delivered.
    public init(onSend: @escaping @Sendable (Record) -> Void = { _ in }) { self.onSend = onSend }

    // MARK: - The script

    /// Creates a topic, or empties it.
    public func create(_ name: String, partitions: Int = 1) {
        state.withLock { $0.topics[name] = Topic(partitions) }
    }

    /// Appends a record; creates the topic when there is none.
    public func append(_ topic: String, _ timestampMilliseconds: Int64, _ value: [UInt8], partition: Int = 0) {
        append(topic, timestampMilliseconds, [value], partition: partition)
    }

    /// Appends several records at once; creates the topic when there is none.
    public func append(_ topic: String, _ timestampMilliseconds: Int64, _ values: [[UInt8]], partition: Int = 0) {
        let records = values.map {
            Record(topic: topic, key: nil, value: $0, timestampMilliseconds: timestampMilliseconds)
        }
        state.withLock { state in
            state.topics[topic, default: Topic(1)].partitions[partition] += records
            state.inOrder += records
        }
    }

    /// Retention took the records before this offset.
    public func dropRecords(_ topic: String, before offset: Int64, partition: Int = 0) {
        state.withLock { $0.topics[topic]?.low[partition] = offset }
    }

    /// Every record is refused with this error from now on; nil ends that.
    public func refuse(_ error: StreamError?) { state.withLock { $0.refusal = error } }

    /// The next record sent fails with this error.
    public func failSend(_ error: StreamError) { state.withLock { $0.sendFailures.append(error) } }

    /// So many of the next reads fail.
    public func failReads(_ count: Int, _ error: StreamError = StreamError(.unreachable, "scripted outage")) {
        state.withLock { $0.readFailures += Array(repeating: error, count: count) }
    }

    /// All records in the order in which they came.
    public var records: [Record] { state.withLock { $0.inOrder } }

    /// The records of a topic in the order in which they came.
    public func records(_ topic: String) -> [Record] { records.filter { $0.topic == topic } }

    /// The values of a topic in the order in which they came.
    public func values(_ topic: String) -> [[UInt8]] { records(topic).map(\.value) }

    // MARK: - What readers and producers need

    func read(_ partition: TopicPartition, from offset: Int64, max: Int) throws(StreamError) -> [Record] {
        try state.withLock { (state) throws(StreamError) in
            if !state.readFailures.isEmpty { throw state.readFailures.removeFirst() }
            let log = try state.log(partition)
            guard offset >= log.low else { throw StreamError(.offsetOutOfRange, "offset \(offset)") }
            return Array(log.records.dropFirst(Int(offset)).prefix(max))
        }
    }

    func send(_ record: Record, partition: Int32) throws(StreamError) -> Int64 {
        try state.withLock { (state) throws(StreamError) in
            if let refusal = state.refusal { throw refusal }
            if !state.sendFailures.isEmpty { throw state.sendFailures.removeFirst() }
            let offset = try state.log(TopicPartition(record.topic, partition)).records.count
            state.topics[record.topic]?.partitions[Int(partition)].append(record)
            state.inOrder.append(record)
            return Int64(offset)
        }
    }

    /// Called without the lock, so that the script may go on from there.
    func delivered(_ record: Record) { onSend(record) }

    // MARK: - Streams

    public func topics() throws(StreamError) -> [TopicDescription] {
        state.withLock { state in
            state.topics.map {
                TopicDescription(name: $0.key, partitionCount: Int32($0.value.partitions.count), isInternal: false)
            }.sorted { $0.name < $1.name }
        }
    }

    public func topic(_ name: String) throws(StreamError) -> TopicDescription? {
        try topics().first { $0.name == name }
    }

    public func createTopic(_ specification: TopicSpecification) throws(StreamError) {
        guard try topic(specification.name) == nil else { throw StreamError(.topicExists, specification.name) }
        create(specification.name, partitions: Int(specification.partitionCount))
    }

    public func deleteTopic(_ name: String) throws(StreamError) { state.withLock { $0.topics[name] = nil } }

    public func watermarks(_ partition: TopicPartition) throws(StreamError) -> Watermarks {
        try state.withLock { (state) throws(StreamError) in
            let log = try state.log(partition)
            return Watermarks(low: log.low, high: Int64(log.records.count))
        }
    }

    public func offset(
        _ partition: TopicPartition, atOrAfter timestampMilliseconds: Int64
    ) throws(StreamError) -> Int64? {
        try state.withLock { (state) throws(StreamError) in
            let log = try state.log(partition)
            return log.records.indices.dropFirst(Int(log.low))
                .first { (log.records[$0].timestampMilliseconds ?? -1) >= timestampMilliseconds }.map { Int64($0) }
        }
    }

    public func makeReader(_ assignments: [ReaderAssignment]) throws(StreamError) -> any StreamReader {
        try ScriptedReader(self, assignments)
    }

    public func makeProducer(_ options: ProducerOptions) throws(StreamError) -> any StreamProducer {
        ScriptedProducer(self)
    }

    public func committedOffsets(
        group: String, _ partitions: [TopicPartition]
    ) throws(StreamError) -> [TopicPartition: Int64] { [:] }

    public func commit(group: String, _ offsets: [TopicPartition: Int64]) throws(StreamError) {}
    public func statistics() throws(StreamError) -> [PartitionStatistics] { [] }
    public func close() {}
}
