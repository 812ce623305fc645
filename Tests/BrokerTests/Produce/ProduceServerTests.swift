import Broker
import Bytes
import Compression
import KafkaWire
import RecordBatch
import Streams
import System
import TestSupport
import Testing

/// Produce over a socket: what topics make of batches, and what producers are told.
@Suite struct ProduceServerTests {
    private func create(_ broker: Broker, _ name: String, _ configuration: [String: String]) throws {
        try broker.streams.createTopic(TopicSpecification(name, configuration: configuration))
    }

    /// The stored batch that holds the first record of a topic.
    private func stored(_ client: TestClient, _ topic: String, offset: Int64 = 0) throws -> [UInt8] {
        try client.sendFetch([wanted(topic, [(0, offset)])], maxBytes: 1)
        let bytes = try #require(try client.answer(.fetch, version: 11))
        return try bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            let response = try FetchResponse(decoding: &reader, version: 11)
            guard case .view(let records) = response.topics[0].partitions[0].records else { return [] }
            return Array(records)
        }
    }

    @Test func topicsThatStampTheTimeOfArrivalSayWhichItIs() throws {
        try withServer { broker, client in
            try create(broker, "T", ["message.timestamp.type": "LogAppendTime"])
            let before = SystemClock().wallMilliseconds
            let producer = try client.call(InitProducerIDRequest(), version: 4, InitProducerIDResponse.self)
            let sent = try batch(["a", "b"], timestamp: 1000, producer: (producer.producerID, 0, 0))
            let first = try #require(try client.produce(sent, to: "T"))
            #expect(first.logAppendTimeMilliseconds >= before)
            let bytes = try stored(client, "T")
            let header = try bytes.withUnsafeBytes { try RecordBatchValidator.checkFrame($0) }
            #expect(header.isLogAppendTime && header.maxTimestamp == first.logAppendTimeMilliseconds)
            #expect(header.baseTimestamp == 1000, "only the largest timestamp is the broker's")
            // A repetition has the time of the first, which the log still knows.
            let again = try #require(try client.produce(sent, to: "T"))
            #expect(again.baseOffset == 0 && again.logAppendTimeMilliseconds == first.logAppendTimeMilliseconds)
            try create(broker, "U", [:])
            #expect(try client.produce(try batch(["a"]), to: "U")?.logAppendTimeMilliseconds == -1)
        }
    }

    @Test func timestampsBeyondTheTopicsLimitsAreRefusedByRecord() throws {
        try withServer { broker, client in
            let now = SystemClock().wallMilliseconds
            let (hour, day) = (Int64(3_600_000), Int64(86_400_000))
            try create(
                broker, "T",
                ["message.timestamp.before.max.ms": "\(day)", "message.timestamp.after.max.ms": "\(hour)"])
            try create(broker, "Both", ["message.timestamp.difference.max.ms": "\(hour)"])
            try create(broker, "Any", [:])
            try create(
                broker, "Stamped", ["message.timestamp.type": "LogAppendTime", "message.timestamp.before.max.ms": "1"])
            func result(_ topic: String, _ timestamp: Int64) throws -> ProduceResponse.Partition {
                try #require(try client.produce(try batch(["a", "b"], timestamp: timestamp), to: topic))
            }
            #expect(try result("T", now).errorCode == .none)
            #expect(try result("T", now - day / 2).errorCode == .none)
            #expect(try result("T", -1).errorCode == .invalidTimestamp, "the second record is dated 1970")
            for timestamp in [now - 2 * day, now + 2 * hour, 1000] {
                let refused = try result("T", timestamp)
                #expect(refused.errorCode == .invalidTimestamp && refused.recordErrors.map(\.batchIndex) == [0, 1])
                #expect(refused.baseOffset == -1 && refused.errorMessage?.contains("allowed") == true)
                #expect(try result("Any", timestamp).errorCode == .none)
                #expect(try result("Both", timestamp).errorCode == .invalidTimestamp)
                #expect(try result("Stamped", timestamp).errorCode == .none)
            }
            #expect(try broker.streams.watermarks(TopicPartition("T", 0)).high == 4)
        }
    }

    @Test(arguments: CompressionCodec.allCases, CompressionCodec.allCases)
    func topicsKeepTheCodecThatTheyAreSetTo(_ sent: CompressionCodec, _ kept: CompressionCodec) throws {
        try withServer { broker, client in
            try create(broker, "T", ["compression.type": kept == .none ? "uncompressed" : kept.name])
            var builder = RecordBatchBuilder()
            let values = (0..<50).map { "value \($0) of many that are much alike" }
            for value in values {
                try Array(value.utf8).withUnsafeBytes {
                    try builder.append(key: nil, value: $0, timestampMilliseconds: 7)
                }
            }
            var options = RecordBatchOptions()
            options.codec = sent
            try builder.finish(options)
            let bytes = builder.withBatch { Array($0) }
            let result = try #require(try client.produce(bytes, to: "T"))
            #expect(result.errorCode == .none)
            let found = try stored(client, "T")
            let header = try found.withUnsafeBytes { try RecordBatchValidator.checkFrame($0) }
            #expect(header.codec == kept && header.recordCount == 50)
            // Base offset and leader epoch apart, what is not compressed anew is what was sent.
            if sent == kept { #expect(found[16...] == bytes[16...]) }
            #expect(try client.fetchAll([wanted("T", [(0, 0)])]).partitions[0].1.values == values)
        }
    }

    @Test func whatIsTooLargeInTheTopicsCodecIsRefused() throws {
        try withServer { broker, client in
            try create(broker, "T", ["compression.type": "uncompressed", "max.message.bytes": "10000"])
            var builder = RecordBatchBuilder()
            try [UInt8](repeating: 0, count: 20_000).withUnsafeBytes {
                try builder.append(key: nil, value: $0, timestampMilliseconds: 7)
            }
            var options = RecordBatchOptions()
            options.codec = .lz4
            try builder.finish(options)
            let bytes = builder.withBatch { Array($0) }
            #expect(bytes.count < 10_000)
            #expect(try client.produce(bytes, to: "T")?.errorCode == .messageTooLarge)
        }
    }

    @Test func largeBatchesPassUpToTheTopicsLimit() throws {
        try withServer { broker, client in
            try create(broker, "T", ["max.message.bytes": "\(30 << 20)"])
            let large = try batch([String(repeating: "x", count: 25 << 20)])
            #expect(try client.produce(large, to: "T", acks: 1)?.errorCode == ErrorCode.none)
            let answer = try client.fetchAll([wanted("T", [(0, 0)])], maxBytes: 1 << 20)
            #expect(answer.partitions[0].1.values.map(\.utf8.count) == [25 << 20])
            let larger = try batch([String(repeating: "x", count: 30 << 20)])
            #expect(try client.produce(larger, to: "T", acks: 1)?.errorCode == .messageTooLarge)
        }
    }

    @Test func requestsMayBeAsLargeAsSomeTopicsBatches() throws {
        try withServer({ $0.messageMaxBytes = 1 << 20 }) { broker, client in
            try create(broker, "T", [:])
            // A client that announces too much is cut off before it has sent it.
            let socket = try SocketClient(broker.addresses[0])
            try socket.send(withUnsafeBytes(of: Int32(102 << 20).bigEndian) { Array($0) })
            #expect(try socket.isEnded())
            try broker.streams.alterSettings(topic: "T", ["max.message.bytes": "\(110 << 20)"])
            let large = try batch([String(repeating: "x", count: 105 << 20)])
            #expect(try client.produce(large, to: "T", acks: 1)?.errorCode == ErrorCode.none)
            try broker.streams.alterSettings(topic: "T", ["max.message.bytes": nil as String?])
            let other = try SocketClient(broker.addresses[0])
            try other.send(withUnsafeBytes(of: Int32(102 << 20).bigEndian) { Array($0) })
            #expect(try other.isEnded())
        }
    }

    @Test func topicsAreNamedByIDFromVersion13On() throws {
        try withServer { broker, client in
            try create(broker, "T", [:])
            let id = try client.topicID("T")
            func produce(_ id: UUID) throws -> ProduceResponse.Topic {
                try batch(["a"]).withUnsafeBytes { raw in
                    let partition = ProduceRequest.Partition(index: 0, records: .view(raw))
                    let request = ProduceRequest(topics: [ProduceRequest.Topic(id: id, partitions: [partition])])
                    return try client.call(request, version: 13, ProduceResponse.self).topics[0]
                }
            }
            let good = try produce(id)
            #expect(good.id == id && good.partitions[0].errorCode == .none && good.partitions[0].baseOffset == 0)
            let unknown = try produce(.random())
            #expect(unknown.partitions[0].errorCode == .unknownTopicID)
            #expect(try broker.streams.topics().count == 1, "an id makes no topic")
        }
    }

    @Test func unknownTopicsAreMadeOnProduceUnlessThatIsOff() throws {
        for makes in [true, false] {
            try withServer({ $0.autoCreate = makes }) { broker, client in
                #expect(try client.produce(try batch(["a"]), to: "new")?.errorCode == .unknownTopicOrPartition)
                #expect(try client.produce(try batch(["a"]), to: "a b")?.errorCode == .invalidTopicException)
                #expect(
                    try client.produce(try batch(["a"]), to: "__cluster_metadata")?.errorCode == .invalidTopicException)
                // What is being made is there before the answer to a request that would make it too.
                let request = MetadataRequest(
                    topics: [MetadataRequest.Topic(name: "new"), MetadataRequest.Topic(name: "new")])
                let response = try client.call(request, version: 4, MetadataResponse.self)
                #expect(response.topics.map(\.errorCode) == [makes ? .none : .unknownTopicOrPartition])
                #expect(
                    try client.produce(try batch(["a"]), to: "new")?.errorCode
                        == (makes ? ErrorCode.none : .unknownTopicOrPartition))
            }
        }
    }
}
