import CRdKafka
import ClusterStreams
import Streams
import Synchronization
import TestSupport
import Testing

@Suite(.serialized) struct ClusterStreamsTests {
    let cluster = MockCluster()

    private func streams(_ properties: [String: String] = [:]) throws -> ClusterStreams {
        try ClusterStreams(bootstrapServers: cluster.bootstrapServers, properties: properties)
    }

    @Test func describesTopics() throws {
        cluster.createTopic("LARMOR_events", partitions: 3)
        let streams = try streams()
        #expect(try streams.topic("LARMOR_events")?.partitionCount == 3)
        #expect(try streams.topics().map(\.name) == ["LARMOR_events"])
        #expect(try streams.watermarks(TopicPartition("LARMOR_events", 2)) == Watermarks(low: 0, high: 0))
    }

    @Test func readsBackWhatWasSent() throws {
        cluster.createTopic("t")
        let streams = try streams()
        let producer = try streams.makeProducer(ProducerOptions())
        let offsets = Mutex<[Int64]>([])
        for (key, value) in [([1] as [UInt8]?, [2, 3] as [UInt8]?), (nil, []), ([], nil)] {
            try withBytes(key) { key throws(StreamError) in
                try withBytes(value) { value throws(StreamError) in
                    try producer.send(
                        topic: "t", partition: nil, key: key, value: value,
                        headers: [StreamHeader(key: "h", value: [9]), StreamHeader(key: "n", value: nil)],
                        timestampMilliseconds: 1_700_000_000_123
                    ) { result in offsets.withLock { if case .success(let offset) = result { $0.append(offset) } } }
                }
            }
        }
        try producer.flush(timeoutMilliseconds: 5000)
        #expect(offsets.withLock { $0 } == [0, 1, 2])
        let reader = try streams.makeReader(try streams.assignments("t", from: .beginning))
        var lines: [String] = []
        while reader.position(0) < 3 {
            _ = try reader.read(waitMilliseconds: 5000) { record in
                lines.append(
                    "\(record.offset) \(text(record.key)) \(text(record.value)) \(record.timestampMilliseconds)")
                #expect(
                    record.headers == [StreamHeader(key: "h", value: [9]), StreamHeader(key: "n", value: nil)])
            }
        }
        #expect(
            lines == ["0 [1] [2, 3] 1700000000123", "1 nil [] 1700000000123", "2 [] nil 1700000000123"])
    }

    @Test func seeksForthAndBack() throws {
        cluster.createTopic("t")
        let streams = try streams()
        let producer = try streams.makeProducer(ProducerOptions())
        for index in 0..<100 { try producer.send(topic: "t", value: [UInt8](repeating: UInt8(index), count: 10)) }
        try producer.flush(timeoutMilliseconds: 5000)
        let reader = try streams.makeReader([ReaderAssignment(TopicPartition("t", 0), from: .offset(50))])
        for start: Int64 in [50, 90, 0, 99, 3] {
            try reader.seek(0, to: .offset(start))
            var offsets: [Int64] = []
            while reader.position(0) < 100 {
                _ = try reader.read(waitMilliseconds: 5000) { offsets.append($0.offset) }
            }
            #expect(offsets == Array(start..<100))
        }
        #expect(throws: StreamError.self) { try reader.seek(0, to: .offset(101)) }
        try reader.seek(0, to: .end)
        #expect(reader.position(0) == 100)
        #expect(try reader.read(waitMilliseconds: 0) { _ in } == 0)
    }

    @Test func saysWhichBrokerDoesNotAnswer() throws {
        let streams = try ClusterStreams(bootstrapServers: "127.0.0.1:1")
        let failure = #expect(throws: StreamError.self) { try streams.topics() }
        #expect(failure?.code == .unreachable)
        #expect(failure?.message.contains("no broker answers at 127.0.0.1:1: ") == true)
        #expect(failure?.message.contains("Connection refused") == true, "\(failure?.message ?? "")")
    }

    @Test func refusesUnknownSettings() {
        let failure = #expect(throws: StreamError.self) { try streams(["no.such.setting": "1"]) }
        #expect(failure?.code == .invalidArgument)
        #expect(failure?.message.contains("no.such.setting") == true)
    }

    /// Every property reaches the client: those of TLS and SASL too, which it checks when it is made.
    @Test func passesSecurityThrough() throws {
        let scram = [
            "security.protocol": "sasl_ssl", "sasl.mechanism": "SCRAM-SHA-256", "sasl.username": "u",
            "sasl.password": "p",
        ]
        _ = try streams(scram)
        let nameless = #expect(throws: StreamError.self) { try streams(["security.protocol": "sasl_plaintext"]) }
        #expect(nameless?.code == .invalidArgument)
        let lost = #expect(throws: StreamError.self) {
            try streams(["security.protocol": "ssl", "ssl.ca.location": "/nonexistent/ca.pem"])
        }
        #expect(lost?.code == .invalidArgument, "\(lost?.message ?? "")")
        // A cluster that speaks no TLS is one that does not answer.
        let plain = try streams(["security.protocol": "ssl", "socket.connection.setup.timeout.ms": "1000"])
        let failure = #expect(throws: StreamError.self) { try plain.topics() }
        #expect(failure?.code == .unreachable, "\(failure?.message ?? "")")
    }

    @Test func tellsOfUnknownPartitions() throws {
        cluster.createTopic("t")
        let streams = try streams()
        let failure = #expect(throws: StreamError.self) {
            try streams.makeReader([ReaderAssignment(TopicPartition("t", 1), from: .beginning)])
        }
        #expect(failure?.code == .unknownTopic)
        #expect(throws: StreamError.self) { try streams.watermarks(TopicPartition("t", -1)) }
    }

    @Test func reportsRecordsThatTheBrokerRefuses() throws {
        cluster.createTopic("t")
        let streams = try streams()
        let producer = try streams.makeProducer(ProducerOptions())
        cluster.fail(0, [RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_RECORD])
        try producer.send(topic: "t", value: [1])
        let first = #expect(throws: StreamError.self) { try producer.flush(timeoutMilliseconds: 5000) }
        #expect(first?.code == .messageTooLarge)
        let told = Mutex<StreamError.Code?>(nil)
        try withBytes([1]) { value throws(StreamError) in
            try producer.send(
                topic: "t", partition: 0, key: nil, value: value, headers: [], timestampMilliseconds: nil
            ) { result in
                if case .failure(let failure) = result { told.withLock { $0 = failure.code } }
            }
        }
        try producer.flush(timeoutMilliseconds: 5000)
        #expect(told.withLock { $0 } == .invalidArgument)
        try producer.send(topic: "t", value: [2])
        try producer.flush(timeoutMilliseconds: 5000)
    }

    @Test func tellsEachRecordOfAClosedProducer() throws {
        cluster.createTopic("t")
        let producer = try streams().makeProducer(ProducerOptions(lingerMilliseconds: 30_000))
        let told = Mutex<[StreamError.Code]>([])
        for _ in 0..<10 {
            try withBytes([1]) { value throws(StreamError) in
                try producer.send(
                    topic: "t", partition: 0, key: nil, value: value, headers: [], timestampMilliseconds: nil
                ) { result in
                    if case .failure(let failure) = result { told.withLock { $0.append(failure.code) } }
                }
            }
        }
        producer.close()
        #expect(told.withLock { $0 } == Array(repeating: .closed, count: 10))
        #expect(throws: StreamError.self) { try producer.send(topic: "t", value: [1]) }
    }

    @Test func throwsOnceClosed() throws {
        cluster.createTopic("t")
        let streams = try streams()
        let reader = try streams.makeReader(try streams.assignments("t", from: .end))
        streams.close()
        let codes = [
            #expect(throws: StreamError.self) { try streams.topics() }?.code,
            #expect(throws: StreamError.self) { try streams.makeProducer(ProducerOptions()) }?.code,
            #expect(throws: StreamError.self) { try reader.read(waitMilliseconds: 0) { _ in } }?.code,
        ]
        #expect(codes == [.closed, .closed, .closed])
    }
}

func withBytes(
    _ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) throws(StreamError) -> Void
) throws(StreamError) {
    guard let bytes else { return try body(nil) }
    try bytes.withUnsafeBufferPointer { (buffer) throws(StreamError) in try body(UnsafeRawBufferPointer(buffer)) }
}

func text(_ bytes: UnsafeRawBufferPointer?) -> String { bytes.map { "\(Array($0))" } ?? "nil" }
