import Streams
import Synchronization

/// Streams in memory: what is appended can be read at once; nothing waits.
final class MemoryStreams: Streams {
    struct Record {
        let key: [UInt8]?
        let value: [UInt8]?
        let timestampMilliseconds: Int64
    }

    private let logs = Mutex<[String: [[Record]]]>([:])
    /// The next reads fail so.
    let failures = Mutex<[StreamError]>([])

    func append(_ topic: String, partition: Int = 0, _ value: [UInt8], timestampMilliseconds: Int64) {
        logs.withLock {
            $0[topic]![partition].append(
                Record(key: nil, value: value, timestampMilliseconds: timestampMilliseconds))
        }
    }

    func records(_ topic: String) -> [Record] { logs.withLock { $0[topic]?.flatMap { $0 } ?? [] } }

    func log(_ partition: TopicPartition) throws(StreamError) -> [Record] {
        guard let log = logs.withLock({ $0[partition.topic] })?[Int(partition.partition)] else {
            throw StreamError(.unknownTopic, "no \(partition)")
        }
        return log
    }

    func topics() throws(StreamError) -> [TopicDescription] { [] }
    func topic(_ name: String) throws(StreamError) -> TopicDescription? {
        logs.withLock { $0[name] }.map {
            TopicDescription(name: name, partitionCount: Int32($0.count), isInternal: false)
        }
    }
    func createTopic(_ specification: TopicSpecification) throws(StreamError) {
        logs.withLock { logs in
            logs[specification.name] = Array(repeating: [], count: Int(specification.partitionCount))
        }
    }
    func deleteTopic(_ name: String) throws(StreamError) {}
    func watermarks(_ partition: TopicPartition) throws(StreamError) -> Watermarks {
        Watermarks(low: 0, high: Int64(try log(partition).count))
    }
    func offset(_ partition: TopicPartition, atOrAfter timestamp: Int64) throws(StreamError) -> Int64? {
        try log(partition).firstIndex { $0.timestampMilliseconds >= timestamp }.map(Int64.init)
    }
    func makeReader(_ assignments: [ReaderAssignment]) throws(StreamError) -> any StreamReader {
        try Reader(self, assignments)
    }
    func makeProducer(_ options: ProducerOptions) throws(StreamError) -> any StreamProducer { Producer(self) }
    func committedOffsets(group: String, _ partitions: [TopicPartition]) throws(StreamError) -> [TopicPartition: Int64]
    { [:] }
    func commit(group: String, _ offsets: [TopicPartition: Int64]) throws(StreamError) {}
    func statistics() throws(StreamError) -> [PartitionStatistics] { [] }
    func close() {}

    private final class Reader: StreamReader {
        let assignments: [TopicPartition]
        private let streams: MemoryStreams
        private var positions: [Int64] = []

        init(_ streams: MemoryStreams, _ assignments: [ReaderAssignment]) throws(StreamError) {
            self.streams = streams
            self.assignments = assignments.map(\.partition)
            positions = Array(repeating: 0, count: assignments.count)
            for (index, assignment) in assignments.enumerated() { try seek(index, to: assignment.start) }
        }

        func read(waitMilliseconds: Int, _ body: (StreamRecord) -> Void) throws(StreamError) -> Int {
            if let failure = streams.failures.withLock({ $0.popLast() }) { throw failure }
            var count = 0
            for (index, partition) in assignments.enumerated() {
                for record in try streams.log(partition).dropFirst(Int(positions[index])) {
                    (record.value ?? []).withUnsafeBytes { value in
                        body(
                            StreamRecord(
                                assignment: index, offset: positions[index],
                                timestampMilliseconds: record.timestampMilliseconds, key: nil, value: value,
                                headers: []))
                    }
                    positions[index] += 1
                    count += 1
                }
            }
            return count
        }

        func position(_ index: Int) -> Int64 { positions[index] }

        func seek(_ index: Int, to start: StartPosition) throws(StreamError) {
            let end = try streams.watermarks(assignments[index]).high
            switch start {
            case .beginning: positions[index] = 0
            case .end: positions[index] = end
            case .offset(let offset): positions[index] = offset
            case .timestamp(let time):
                positions[index] = try streams.offset(assignments[index], atOrAfter: time) ?? end
            }
        }

        func close() {}
    }

    private final class Producer: StreamProducer {
        private let streams: MemoryStreams

        init(_ streams: MemoryStreams) { self.streams = streams }

        func send(
            topic: String, partition: Int32?, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
            headers: [StreamHeader], timestampMilliseconds: Int64?,
            delivered: (@Sendable (Result<Int64, StreamError>) -> Void)?
        ) throws(StreamError) {
            let record = Record(
                key: key.map { Array($0) }, value: value.map { Array($0) },
                timestampMilliseconds: timestampMilliseconds ?? -1)
            streams.logs.withLock { $0[topic]![Int(partition ?? 0)].append(record) }
        }

        func flush(timeoutMilliseconds: Int) throws(StreamError) {}
        func close() {}
    }
}
