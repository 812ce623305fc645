import Streams
import Synchronization

/// Streams that keep what is sent, and refuse it when told to.
final class RecordingStreams: Streams {
    struct Record {
        let topic: String
        let key: String?
        let value: [UInt8]
        let timestampMilliseconds: Int64?
    }

    private let topicNames = Mutex<Set<String>>([])
    private let sent = Mutex<[Record]>([])
    /// What the next sends fail with, last first.
    let failures = Mutex<[StreamError]>([])

    var records: [Record] { sent.withLock { $0 } }

    func records(_ topic: String) -> [Record] { records.filter { $0.topic == topic } }

    func topics() throws(StreamError) -> [TopicDescription] { [] }
    func topic(_ name: String) throws(StreamError) -> TopicDescription? {
        topicNames.withLock { $0.contains(name) }
            ? TopicDescription(name: name, partitionCount: 1, isInternal: false) : nil
    }
    func createTopic(_ specification: TopicSpecification) throws(StreamError) {
        topicNames.withLock { _ = $0.insert(specification.name) }
    }
    func deleteTopic(_ name: String) throws(StreamError) {}
    func watermarks(_ partition: TopicPartition) throws(StreamError) -> Watermarks { Watermarks(low: 0, high: 0) }
    func offset(_ partition: TopicPartition, atOrAfter timestamp: Int64) throws(StreamError) -> Int64? { nil }
    func makeReader(_ assignments: [ReaderAssignment]) throws(StreamError) -> any StreamReader {
        throw StreamError(.unsupported, "nothing to read")
    }
    func makeProducer(_ options: ProducerOptions) throws(StreamError) -> any StreamProducer { Producer(self) }
    func committedOffsets(group: String, _ partitions: [TopicPartition]) throws(StreamError) -> [TopicPartition: Int64]
    { [:] }
    func commit(group: String, _ offsets: [TopicPartition: Int64]) throws(StreamError) {}
    func statistics() throws(StreamError) -> [PartitionStatistics] { [] }
    func close() {}

    private final class Producer: StreamProducer {
        private let streams: RecordingStreams

        init(_ streams: RecordingStreams) { self.streams = streams }

        func send(
            topic: String, partition: Int32?, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
            headers: [StreamHeader], timestampMilliseconds: Int64?,
            delivered: (@Sendable (Result<Int64, StreamError>) -> Void)?
        ) throws(StreamError) {
            if let failure = streams.failures.withLock({ $0.popLast() }) { throw failure }
            let record = Record(
                topic: topic, key: key.map { String(decoding: $0, as: UTF8.self) }, value: Array(value!),
                timestampMilliseconds: timestampMilliseconds)
            streams.sent.withLock { $0.append(record) }
        }

        func flush(timeoutMilliseconds: Int) throws(StreamError) {}
        func close() {}
    }
}
