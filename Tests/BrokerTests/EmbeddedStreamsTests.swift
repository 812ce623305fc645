import Broker
import Observability
import Streams
import Synchronization
import System
import TestSupport
import Testing

@Suite struct EmbeddedStreamsTests {
    @Test func carriesRecordsWithKeysHeadersAndTimes() throws {
        let directory = TemporaryDirectory()
        try withBroker(directory) { broker in
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 2))
            let producer = try broker.streams.makeProducer(ProducerOptions())
            let header = StreamHeader(key: "schema", value: [1, 2])
            try Array("value".utf8).withUnsafeBytes { value in
                try producer.send(
                    topic: "T", partition: 1, key: nil, value: value,
                    headers: [header, StreamHeader(key: "none", value: nil)],
                    timestampMilliseconds: 1234, delivered: nil)
                try producer.send(
                    topic: "T", partition: 1, key: value, value: nil, headers: [], timestampMilliseconds: -1,
                    delivered: nil)
            }
            try producer.flush(timeoutMilliseconds: 5000)
            let reader = try broker.streams.makeReader(broker.streams.assignments("T", from: .beginning))
            let records = try reader.take(2)
            let partition = TopicPartition("T", 1)
            #expect(
                records == [
                    CopiedRecord(
                        partition: partition, offset: 0, timestamp: 1234, key: nil, value: "value",
                        headers: [header, StreamHeader(key: "none", value: nil)]),
                    CopiedRecord(partition: partition, offset: 1, timestamp: -1, key: "value", value: nil, headers: []),
                ])
            #expect(reader.position(0) == 0)
            #expect(reader.position(1) == 2)
            #expect(try broker.streams.watermarks(partition) == Watermarks(low: 0, high: 2))
            #expect(try broker.streams.offset(partition, atOrAfter: 1000) == 0)
            #expect(try broker.streams.offset(partition, atOrAfter: 1235) == nil)
        }
    }

    @Test(arguments: [Acknowledgement.durable, .written, .none])
    func tellsEachRecordItsOffset(_ acknowledgement: Acknowledgement) throws {
        let directory = TemporaryDirectory()
        try withBroker(directory) { broker in
            let producer = try broker.streams.makeProducer(
                ProducerOptions(acknowledgement: acknowledgement, lingerMilliseconds: 0, batchBytes: 300))
            let offsets = Mutex<[Int64]>([])
            for index in 0..<20 {
                try Array("value \(index)".utf8).withUnsafeBytes { value in
                    try producer.send(
                        topic: "auto", partition: nil, key: nil, value: value, headers: [], timestampMilliseconds: nil
                    ) { result in
                        if case .success(let offset) = result { offsets.withLock { $0.append(offset) } }
                    }
                }
            }
            try producer.flush(timeoutMilliseconds: 5000)
            #expect(offsets.withLock { $0 } == Array(0..<20))
            #expect(try broker.streams.watermarks(TopicPartition("auto", 0)).high == 20)
        }
    }

    @Test(arguments: [Acknowledgement.durable, .written])
    func whoIsToldMaySendAgain(_ acknowledgement: Acknowledgement) throws {
        let directory = TemporaryDirectory()
        try withBroker(directory) { broker in
            let producer = try broker.streams.makeProducer(
                ProducerOptions(acknowledgement: acknowledgement, lingerMilliseconds: 1))
            nonisolated(unsafe) let again = producer  // the producer takes calls from two threads here, one at a time
            try producer.send(
                topic: "T", partition: 0, key: nil, value: nil, headers: [], timestampMilliseconds: 0
            ) { _ in try? again.send(topic: "T", value: [1]) }
            let reader = try broker.streams.makeReader(broker.streams.assignments("T", from: .beginning))
            #expect(try reader.take(2).map(\.offset) == [0, 1])
        }
    }

    @Test func lingeringRecordsArriveWithoutFlush() throws {
        let directory = TemporaryDirectory()
        try withBroker(directory) { broker in
            try broker.streams.createTopic(TopicSpecification("T"))
            let producer = try broker.streams.makeProducer(ProducerOptions(lingerMilliseconds: 2))
            let reader = try broker.streams.makeReader(broker.streams.assignments("T", from: .end))
            for round in 0..<3 {
                try producer.send(topic: "T", value: Array("round \(round)".utf8))
                #expect(try reader.take(1).map(\.value) == ["round \(round)"])
            }
        }
    }

    @Test func sleepingReaderIsWokenByAnAppend() throws {
        let directory = TemporaryDirectory()
        try withBroker(directory) { broker in
            try broker.streams.createTopic(TopicSpecification("T"))
            let streams = broker.streams
            let thread = System.Thread("late producer") {
                let producer = try! streams.makeProducer(ProducerOptions())
                try! producer.send(topic: "T", value: [7])
                try! producer.flush(timeoutMilliseconds: 5000)
            }
            let reader = try streams.makeReader(streams.assignments("T", from: .beginning))
            let started = SystemClock().monotonicNanoseconds
            #expect(try reader.read(waitMilliseconds: 20_000) { _ in } == 1)
            #expect(SystemClock().monotonicNanoseconds - started < 10_000_000_000)
            thread.join()
        }
    }

    @Test func keysChooseThePartitionAsJavaDoes() throws {
        // Kafka's UtilsTest.testMurmur2 gives these hashes; the partition is (hash & 0x7fffffff) % count.
        let expected: [String: Int32] = [
            "21": -973_932_308, "foobar": -790_332_482, "a-little-bit-long-string": -985_981_536,
        ]
        let directory = TemporaryDirectory()
        try withBroker(directory) { broker in
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 7))
            let producer = try broker.streams.makeProducer(ProducerOptions())
            for key in expected.keys {
                try Array(key.utf8).withUnsafeBytes { bytes in
                    try producer.send(
                        topic: "T", partition: nil, key: bytes, value: nil, headers: [], timestampMilliseconds: 0,
                        delivered: nil)
                }
            }
            try producer.flush(timeoutMilliseconds: 5000)
            let reader = try broker.streams.makeReader(broker.streams.assignments("T", from: .beginning))
            for record in try reader.take(3) {
                let hash = try #require(expected[record.key ?? ""])
                #expect(record.partition.partition == (hash & 0x7fff_ffff) % 7)
            }
        }
    }

    @Test func refusesWhatCannotBe() throws {
        let directory = TemporaryDirectory()
        try withBroker(directory, { $0.autoCreate = false }) { broker in
            let streams = broker.streams
            #expect(try streams.topic("none") == nil)
            #expect(code { try streams.watermarks(TopicPartition("none", 0)) } == .unknownTopic)
            for name in ["", ".", "..", "a/b", "a b", String(repeating: "x", count: 250), "\u{0}"] {
                #expect(code { try streams.createTopic(TopicSpecification(name)) } == .invalidArgument)
            }
            #expect(
                code { try streams.createTopic(TopicSpecification("T", configuration: ["no.such": "1"])) }
                    == .invalidArgument)
            #expect(code { try streams.createTopic(TopicSpecification("T", partitionCount: 0)) } == .invalidArgument)
            #expect(code { try streams.createTopic(TopicSpecification("T", partitionCount: .max)) } == .invalidArgument)
            #expect(try streams.topics().isEmpty)
            try streams.createTopic(TopicSpecification("T", configuration: ["max.message.bytes": "1000"]))
            #expect(code { try streams.createTopic(TopicSpecification("T")) } == .topicExists)
            let producer = try streams.makeProducer(ProducerOptions())
            #expect(code { try producer.send(topic: "none", value: [1]) } == .unknownTopic)
            #expect(
                code { try producer.send(topic: "T", value: [UInt8](repeating: 0, count: 1001)) } == .messageTooLarge)
            #expect(
                code { _ = try streams.makeReader([ReaderAssignment(TopicPartition("T", 0), from: .offset(5))]) }
                    == .offsetOutOfRange)
            #expect(code { try streams.deleteTopic("none") } == .unknownTopic)
        }
    }

    @Test func topicsCanBeMadeAgain() throws {
        let directory = TemporaryDirectory()
        try withBroker(directory) { broker in
            let streams = broker.streams
            let producer = try streams.makeProducer(ProducerOptions(lingerMilliseconds: 0))
            try producer.send(topic: "T", value: [1])
            try producer.flush(timeoutMilliseconds: 5000)
            let reader = try streams.makeReader(streams.assignments("T", from: .end))
            try streams.deleteTopic("T")
            #expect(code { _ = try reader.read(waitMilliseconds: 5000) { _ in } } == .unknownTopic)
            try streams.createTopic(TopicSpecification("T"))
            #expect(try streams.watermarks(TopicPartition("T", 0)) == Watermarks(low: 0, high: 0))
        }
    }

    @Test func survivesReopening() throws {
        let directory = TemporaryDirectory()
        let partition = TopicPartition("T", 0)
        try withBroker(directory) { broker in
            let specification = TopicSpecification("T", configuration: ["retention.ms": "-1"])
            try broker.streams.createTopic(specification)
            let producer = try broker.streams.makeProducer(ProducerOptions())
            try producer.send(topic: "T", value: Array("kept".utf8))
            try producer.flush(timeoutMilliseconds: 5000)
            try broker.streams.commit(group: "g", [partition: 1])
            try broker.streams.createTopic(TopicSpecification("gone"))
            try broker.streams.deleteTopic("gone")
        }
        try withBroker(directory) { broker in
            let names = try broker.streams.topics().map(\.name)
            #expect(names == ["T", "__consumer_offsets"])
            #expect(
                try broker.streams.committedOffsets(group: "g", [partition, TopicPartition("T", 1)]) == [partition: 1])
            let reader = try broker.streams.makeReader([ReaderAssignment(partition, from: .beginning)])
            #expect(try reader.take(1).map(\.value) == ["kept"])
            let statistics = try #require(broker.streams.statistics().first { $0.partition == partition })
            #expect(statistics.watermarks == Watermarks(low: 0, high: 1))
            #expect((statistics.sizeBytes ?? 0) > 61)
        }
    }

    @Test func closedStreamsSaySo() throws {
        let directory = TemporaryDirectory()
        let broker = try Broker(options: .testing(directory), metrics: Metrics())
        let streams = broker.streams
        broker.stop()
        #expect(code { _ = try streams.topics() } == .closed)
        #expect(code { _ = try streams.makeProducer(ProducerOptions()) } == .closed)
        broker.stop()
    }
}

/// The code of the error that `body` throws; nil when it throws none.
func code<R>(_ body: () throws -> R) -> StreamError.Code? {
    do {
        _ = try body()
        return nil
    } catch {
        return (error as? StreamError)?.code
    }
}
