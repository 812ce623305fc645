import Streams
import Synchronization

/// Streams in memory: topics of records with times, low watermarks that can be moved, and failures on request.
final class ScriptedStreams: Streams {
    struct Record {
        let timestampMilliseconds: Int64
        let value: [UInt8]
    }

    private struct Topic {
        var partitions: [[Record]]
        var low: [Int64]
    }

    private let state = Mutex<(topics: [String: Topic], failures: Int)>(([:], 0))

    /// Creates a topic; also through `send` when it does not exist.
    func create(_ name: String, partitions: Int = 1) {
        state.withLock {
            $0.topics[name] = Topic(
                partitions: Array(repeating: [], count: partitions), low: Array(repeating: 0, count: partitions))
        }
    }

    func append(_ topic: String, _ timestampMilliseconds: Int64, _ value: [UInt8], partition: Int = 0) {
        append(topic, timestampMilliseconds, [value], partition: partition)
    }

    /// Appends several records at once.
    func append(_ topic: String, _ timestampMilliseconds: Int64, _ values: [[UInt8]], partition: Int = 0) {
        state.withLock { state in
            if state.topics[topic] == nil { state.topics[topic] = Topic(partitions: [[]], low: [0]) }
            let records = values.map { Record(timestampMilliseconds: timestampMilliseconds, value: $0) }
            state.topics[topic]?.partitions[partition] += records
        }
    }

    /// Retention took the records before this offset.
    func dropRecords(_ topic: String, before offset: Int64, partition: Int = 0) {
        state.withLock { $0.topics[topic]?.low[partition] = offset }
    }

    /// The next reads fail.
    func failReads(_ count: Int) { state.withLock { $0.failures = count } }

    /// The values of a topic's first partition.
    func values(_ topic: String) -> [[UInt8]] {
        state.withLock { $0.topics[topic]?.partitions[0].map(\.value) ?? [] }
    }

    fileprivate func records(
        _ partition: TopicPartition, from offset: Int64, max: Int
    ) throws(StreamError) -> [Record] {
        try state.withLock { (state) throws(StreamError) in
            if state.failures > 0 {
                state.failures -= 1
                throw StreamError(.unreachable, "scripted outage")
            }
            guard let topic = state.topics[partition.topic] else {
                throw StreamError(.unknownTopic, partition.topic)
            }
            let index = Int(partition.partition)
            guard offset >= topic.low[index] else { throw StreamError(.offsetOutOfRange, "offset \(offset)") }
            return Array(topic.partitions[index].dropFirst(Int(offset)).prefix(max))
        }
    }

    // MARK: - Streams

    func topics() throws(StreamError) -> [TopicDescription] {
        state.withLock { state in
            state.topics.map {
                TopicDescription(name: $0.key, partitionCount: Int32($0.value.partitions.count), isInternal: false)
            }.sorted { $0.name < $1.name }
        }
    }

    func topic(_ name: String) throws(StreamError) -> TopicDescription? {
        try topics().first { $0.name == name }
    }

    func createTopic(_ specification: TopicSpecification) throws(StreamError) {
        create(specification.name, partitions: Int(specification.partitionCount))
    }

    func deleteTopic(_ name: String) throws(StreamError) { state.withLock { $0.topics[name] = nil } }

    func watermarks(_ partition: TopicPartition) throws(StreamError) -> Watermarks {
        try state.withLock { (state) throws(StreamError) in
            guard let topic = state.topics[partition.topic] else {
                throw StreamError(.unknownTopic, partition.topic)
            }
            let index = Int(partition.partition)
            return Watermarks(low: topic.low[index], high: Int64(topic.partitions[index].count))
        }
    }

    func offset(_ partition: TopicPartition, atOrAfter timestampMilliseconds: Int64) throws(StreamError) -> Int64? {
        let low = try watermarks(partition).low
        return state.withLock { state in
            let records = state.topics[partition.topic]?.partitions[Int(partition.partition)] ?? []
            let found = records.indices.dropFirst(Int(low)).first {
                records[$0].timestampMilliseconds >= timestampMilliseconds
            }
            return found.map { Int64($0) }
        }
    }

    func makeReader(_ assignments: [ReaderAssignment]) throws(StreamError) -> any StreamReader {
        try ScriptedReader(self, assignments)
    }

    func makeProducer(_ options: ProducerOptions) throws(StreamError) -> any StreamProducer { ScriptedProducer(self) }

    func committedOffsets(group: String, _ partitions: [TopicPartition]) throws(StreamError) -> [TopicPartition: Int64]
    {
        [:]
    }

    func commit(group: String, _ offsets: [TopicPartition: Int64]) throws(StreamError) {}
    func statistics() throws(StreamError) -> [PartitionStatistics] { [] }
    func close() {}
}

/// Reads what is there; never waits.
final class ScriptedReader: StreamReader {
    private let streams: ScriptedStreams
    let assignments: [TopicPartition]
    private var positions: [Int64]

    init(_ streams: ScriptedStreams, _ assignments: [ReaderAssignment]) throws(StreamError) {
        self.streams = streams
        self.assignments = assignments.map(\.partition)
        positions = []
        for assignment in assignments {
            positions.append(try Self.resolve(streams, assignment.partition, assignment.start))
        }
    }

    private static func resolve(
        _ streams: ScriptedStreams, _ partition: TopicPartition, _ start: StartPosition
    ) throws(StreamError) -> Int64 {
        let marks = try streams.watermarks(partition)
        switch start {
        case .beginning: return marks.low
        case .end: return marks.high
        case .offset(let offset): return offset
        case .timestamp(let time): return try streams.offset(partition, atOrAfter: time) ?? marks.high
        }
    }

    func read(waitMilliseconds: Int, _ body: (StreamRecord) -> Void) throws(StreamError) -> Int {
        var count = 0
        for (index, partition) in assignments.enumerated() {
            for record in try streams.records(partition, from: positions[index], max: 100) {
                record.value.withUnsafeBytes { value in
                    body(
                        StreamRecord(
                            assignment: index, offset: positions[index],
                            timestampMilliseconds: record.timestampMilliseconds, key: nil, value: value, headers: []))
                }
                positions[index] += 1
                count += 1
            }
        }
        return count
    }

    func position(_ index: Int) -> Int64 { positions[index] }

    func seek(_ index: Int, to start: StartPosition) throws(StreamError) {
        positions[index] = try Self.resolve(streams, assignments[index], start)
    }

    func close() {}
}

/// Appends to the first partition at once.
final class ScriptedProducer: StreamProducer {
    private let streams: ScriptedStreams

    init(_ streams: ScriptedStreams) { self.streams = streams }

    func send(
        topic: String, partition: Int32?, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
        headers: [StreamHeader], timestampMilliseconds: Int64?,
        delivered: (@Sendable (Result<Int64, StreamError>) -> Void)?
    ) throws(StreamError) {
        streams.append(topic, timestampMilliseconds ?? 0, value.map { Array($0) } ?? [])
    }

    func flush(timeoutMilliseconds: Int) throws(StreamError) {}
    func close() {}
}
