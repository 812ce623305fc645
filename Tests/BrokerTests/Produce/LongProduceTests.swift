import Broker
import Bytes
import Compression
import KafkaWire
import Observability
import RecordBatch
import Streams
import TestSupport
import Testing

/// Batches that take long to unpack or to compress: a worker does it, and nobody can tell but by the time.
@Suite struct LongProduceTests {
    /// A batch of one record of `byteCount` bytes that cannot be made smaller.
    private func noise(
        _ byteCount: Int, _ codec: CompressionCodec, producer: (id: Int64, sequence: Int32)? = nil
    ) throws -> [UInt8] {
        var state: UInt64 = 88_172_645_463_325_252
        let value = (0..<byteCount / 8).flatMap { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return withUnsafeBytes(of: state) { Array($0) }
        }
        var builder = RecordBatchBuilder(capacity: byteCount)
        try value.withUnsafeBytes { try builder.append(key: nil, value: $0, timestampMilliseconds: 7) }
        var options = RecordBatchOptions()
        options.codec = codec
        if let producer {
            options.producerID = producer.id
            options.producerEpoch = 0
            options.baseSequence = producer.sequence
        }
        try builder.finish(options)
        return builder.withBatch { Array($0) }
    }

    private func send(_ client: TestClient, _ batch: [UInt8], to topic: String, acks: Int16 = -1) throws {
        try batch.withUnsafeBytes { raw in
            let partition = ProduceRequest.Partition(index: 0, records: .view(raw))
            let request = ProduceRequest(
                acks: acks, topics: [ProduceRequest.Topic(name: topic, partitions: [partition])])
            try client.send(request, version: 9)
        }
    }

    /// The end of a topic's only partition.
    private func end(_ client: TestClient, _ topic: String) throws -> Int64 {
        let request = ListOffsetsRequest(
            topics: [.init(name: topic, partitions: [.init(index: 0, timestamp: ListOffsetsRequest.latest)])])
        return try client.call(request, version: 7, ListOffsetsResponse.self).topics[0].partitions[0].offset
    }

    @Test func theBatchesOfAConnectionStayInOrderWhoeverAppendsThem() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", configuration: ["compression.type": "zstd"]))
            let producer = try client.call(InitProducerIDRequest(), version: 4, InitProducerIDResponse.self)
            // Every other one is too small for a worker, and goes on to the log as soon as it is read.
            let sizes = [1 << 20, 64, 256 << 10, 64, 64, 1 << 20, 64]
            let frames = try sizes.enumerated().map { index, size in
                let bytes = try noise(size, .gzip, producer: (producer.producerID, Int32(index)))
                return bytes.withUnsafeBytes { raw in
                    let partition = ProduceRequest.Partition(index: 0, records: .view(raw))
                    return TestClient.frame(
                        ProduceRequest(topics: [ProduceRequest.Topic(name: "T", partitions: [partition])]), version: 9,
                        correlation: Int32(index))
                }
            }
            for frame in frames { try client.sendFrame(frame) }
            for index in sizes.indices {
                let bytes = try #require(try client.receiveFrame())
                try bytes.withUnsafeBytes { raw in
                    var reader = ByteReader(raw)
                    let header = try ResponseHeader(decoding: &reader, api: .produce, version: 9)
                    #expect(header.correlationID == Int32(index))
                    let result = try ProduceResponse(decoding: &reader, version: 9).topics[0].partitions[0]
                    #expect(result.errorCode == .none && result.baseOffset == Int64(index))
                }
            }
        }
    }

    @Test func othersAreServedMeanwhile() throws {
        let metrics = Metrics()
        try withBroker(TemporaryDirectory(), metrics: metrics, { $0.shards = 1 }) { broker in
            try broker.start()
            let (slow, other) = (try TestClient(broker.addresses[0]), try TestClient(broker.addresses[0]))
            try broker.streams.createTopic(TopicSpecification("T", configuration: ["compression.type": "gzip"]))
            let began = metrics.counter("sluice_kafka_requests_total", "Requests received, by API.", ["api": "produce"])
            try send(slow, try noise(32 << 20, .none), to: "T")
            while began.value == 0 { _ = try end(other, "T") }
            #expect(try end(other, "T") == 0, "the loop answers while a worker compresses for a second")
            let bytes = try #require(try slow.answer(.produce, version: 9))
            #expect(!bytes.isEmpty)
            #expect(try end(other, "T") == 1)
        }
    }

    @Test func refusalsAndSilenceAreTheSame() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(
                TopicSpecification("T", configuration: ["compression.type": "lz4", "max.message.bytes": "300000"]))
            try send(client, try noise(400_000, .gzip), to: "T")
            let refused = try #require(try client.answer(.produce, version: 9))
            try refused.withUnsafeBytes { raw in
                var reader = ByteReader(raw)
                let result = try ProduceResponse(decoding: &reader, version: 9).topics[0].partitions[0]
                #expect(result.errorCode == .messageTooLarge)
            }
            // Without acknowledgement there is no answer; the next request's is the next.
            try send(client, try noise(200_000, .gzip), to: "T", acks: 0)
            #expect(try end(client, "T") == 1)
            try send(client, try noise(400_000, .gzip), to: "T", acks: 0)
            #expect(try client.receiveFrame() == nil, "an error without a way to tell it ends the connection")
        }
    }

    @Test func aConnectionThatEndsMeanwhileHarmsNobody() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", configuration: ["compression.type": "gzip"]))
            for _ in 0..<3 { try send(try TestClient(broker.addresses[0]), try noise(2 << 20, .none), to: "T") }
            // What was received whole is appended all the same.
            while try end(client, "T") < 3 {}
        }
    }
}
