import Streams
import Synchronization

/// Streams in memory, for tests: every record is delivered at once, or refused when `refuse` says so.
final class MemoryStreams: Streams {
    struct Record: Sendable, Equatable {
        let topic: String
        let key: [UInt8]?
        let value: [UInt8]
        let timestampMilliseconds: Int64?
    }

    struct State: Sendable {
        var topics: [String: Int32] = [:]
        var records: [Record] = []
        var refusal: StreamError?
    }

    let state = Mutex(State())
    /// Called after every record that was taken.
    let onSend: @Sendable (Record) -> Void

    init(onSend: @escaping @Sendable (Record) -> Void = { _ in }) { self.onSend = onSend }

    var records: [Record] { state.withLock { $0.records } }

    func records(_ topic: String) -> [Record] { records.filter { $0.topic == topic } }

    func topics() throws(StreamError) -> [TopicDescription] {
        state.withLock { state in
            state.topics.sorted { $0.key < $1.key }
                .map { TopicDescription(name: $0.key, partitionCount: $0.value, isInternal: false) }
        }
    }

    func topic(_ name: String) throws(StreamError) -> TopicDescription? {
        state.withLock { state in
            state.topics[name].map { TopicDescription(name: name, partitionCount: $0, isInternal: false) }
        }
    }

    func createTopic(_ specification: TopicSpecification) throws(StreamError) {
        state.withLock { $0.topics[specification.name] = specification.partitionCount }
    }

    func deleteTopic(_ name: String) throws(StreamError) { state.withLock { $0.topics[name] = nil } }

    func watermarks(_ partition: TopicPartition) throws(StreamError) -> Watermarks {
        Watermarks(low: 0, high: Int64(records(partition.topic).count))
    }

    func offset(_ partition: TopicPartition, atOrAfter timestampMilliseconds: Int64) throws(StreamError) -> Int64? {
        nil
    }

    func makeReader(_ assignments: [ReaderAssignment]) throws(StreamError) -> any StreamReader {
        Reader(self, assignments)
    }

    func makeProducer(_ options: ProducerOptions) throws(StreamError) -> any StreamProducer { Producer(self) }

    func committedOffsets(
        group: String, _ partitions: [TopicPartition]
    ) throws(StreamError) -> [TopicPartition: Int64] { [:] }

    func commit(group: String, _ offsets: [TopicPartition: Int64]) throws(StreamError) {}

    func statistics() throws(StreamError) -> [PartitionStatistics] { [] }

    func close() {}

    private final class Reader: StreamReader {
        let streams: MemoryStreams
        let assignments: [TopicPartition]
        private var next: Int

        init(_ streams: MemoryStreams, _ assignments: [ReaderAssignment]) {
            self.streams = streams
            self.assignments = assignments.map(\.partition)
            if case .offset(let offset) = assignments[0].start { next = Int(offset) } else { next = 0 }
        }

        func read(waitMilliseconds: Int, _ body: (StreamRecord) -> Void) throws(StreamError) -> Int {
            let records = streams.records(assignments[0].topic)
            guard next < records.count else { return 0 }
            let record = records[next]
            record.value.withUnsafeBytes { value in
                body(
                    StreamRecord(
                        assignment: 0, offset: Int64(next),
                        timestampMilliseconds: record.timestampMilliseconds ?? -1, key: nil, value: value,
                        headers: []))
            }
            next += 1
            return 1
        }

        func position(_ index: Int) -> Int64 { Int64(next) }

        func seek(_ index: Int, to start: StartPosition) throws(StreamError) {}

        func close() {}
    }

    private final class Producer: StreamProducer {
        let streams: MemoryStreams

        init(_ streams: MemoryStreams) { self.streams = streams }

        func send(
            topic: String, partition: Int32?, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
            headers: [StreamHeader], timestampMilliseconds: Int64?,
            delivered: (@Sendable (Result<Int64, StreamError>) -> Void)?
        ) throws(StreamError) {
            let record = Record(
                topic: topic, key: key.map { Array($0) }, value: value.map { Array($0) } ?? [],
                timestampMilliseconds: timestampMilliseconds)
            let refusal: StreamError? = streams.state.withLock { state in
                if let refusal = state.refusal { return refusal }
                guard state.topics[topic] != nil else { return StreamError(.unknownTopic, "no topic \(topic)") }
                state.records.append(record)
                return nil
            }
            if let refusal { throw refusal }
            delivered?(.success(0))
            streams.onSend(record)
        }

        func flush(timeoutMilliseconds: Int) throws(StreamError) {}

        func close() {}
    }
}
