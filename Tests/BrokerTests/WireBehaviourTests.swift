import Broker
import Bytes
import Compression
import KafkaWire
import Observability
import RecordBatch
import Streams
import System
import TestSupport
import Testing

/// What broker re-implementations most often get wrong, each as Kafka does it.
@Suite struct WireBehaviourTests {
    /// Sends a produce of one batch; `acks` 0 has no answer.
    private func sendProduce(_ client: TestClient, _ topic: String, _ value: String, acks: Int16) throws {
        try batch([value]).withUnsafeBytes { raw in
            let partition = ProduceRequest.Partition(index: 0, records: .view(raw))
            try client.send(
                ProduceRequest(acks: acks, topics: [ProduceRequest.Topic(name: topic, partitions: [partition])]),
                version: 9)
        }
    }

    /// The correlation id of the next answer; nil when the connection has ended.
    private func nextCorrelation(_ client: TestClient) throws -> Int32? {
        try client.receiveFrame().map { bytes in
            bytes.withUnsafeBytes { Int32(bigEndian: $0.loadUnaligned(as: Int32.self)) }
        }
    }

    @Test func behaviour01AnswersComeInTheOrderOfTheirRequests() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            // 1 waits for the disk, 2 has no answer, 3 is quick, 4 waits for records, 5 goes to the worker, 6 is quick,
            // 7 brings the records that 4 waits for, from the same connection, and 8 waits for the disk.
            try sendProduce(client, "T", "a", acks: -1)
            try sendProduce(client, "T", "b", acks: 0)
            try client.send(MetadataRequest(topics: nil), version: 9)
            try client.sendFetch([wanted("T", [(0, 2)])], wait: 60_000)
            try client.send(
                CreateTopicsRequest(topics: [CreateTopicsRequest.Topic(name: "U", partitionCount: 1)]), version: 7)
            try client.send(ListOffsetsRequest(topics: []), version: 7)
            try sendProduce(client, "T", "c", acks: 1)
            try sendProduce(client, "T", "d", acks: -1)
            var order: [Int32] = []
            while order.count < 7 { order.append(try #require(try nextCorrelation(client))) }
            #expect(order == [1, 3, 4, 5, 6, 7, 8])
        }
    }

    @Test func aFetchThatWaitsGivesWayToWhatIsAskedBehindIt() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            try client.sendFetch([wanted("T", [(0, 0)])], wait: 300_000)
            try client.send(ListOffsetsRequest(topics: []), version: 7)
            // Had the fetch not given way, both would come after five minutes.
            #expect(try nextCorrelation(client) == 1)
            #expect(try nextCorrelation(client) == 2)
            // Fetches behind each other keep waiting: a client that pipelines them must not be made to spin.
            try client.sendFetch([wanted("T", [(0, 0)])], wait: 300_000)
            try client.sendFetch([wanted("T", [(0, 0)])], wait: 300_000)
            let other = try TestClient(broker.addresses[0])
            _ = try other.produce(try batch(["a"]), to: "T")
            let first = try #require(try client.receiveFrame())
            #expect(try TestClient.fetchedAnswer(Array(first[4...]), version: 11).lines == ["T-0: a"])
            #expect(try client.fetchedAnswer().lines == ["T-0: a"])
        }
    }

    @Test func behaviour01WithoutAcksAnErrorClosesBehindTheAnswersThatAreDue() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            try client.send(MetadataRequest(topics: nil), version: 9)
            try sendProduce(client, "nowhere", "a", acks: 0)
            try client.send(MetadataRequest(topics: nil), version: 9)
            #expect(try nextCorrelation(client) == 1)
            #expect(try nextCorrelation(client) == nil)
        }
    }

    @Test func behaviour02AcksAndPartitionsThatAreNotThereAreErrorsNotTheEnd() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            for acks in [2, -2, .max, .min] as [Int16] {
                #expect(try client.produce(try batch(["a"]), to: "T", acks: acks)?.errorCode == .invalidRequiredAcks)
            }
            for partition in [1, -1, .max, .min] as [Int32] {
                let result = try client.produce(try batch(["a"]), to: "T", partition: partition)
                #expect(result?.errorCode == .unknownTopicOrPartition && result?.baseOffset == -1)
                #expect(
                    try client.fetchAll([wanted("T", [(partition, 0)])]).lines == [
                        "T-\(partition)! unknownTopicOrPartition"
                    ])
            }
        }
    }

    @Test func behaviour03OnlyAPIVersionsIsAnsweredInAVersionThatIsNotKnown() throws {
        try withServer { broker, _ in
            for supported in SupportedVersions.all {
                let client = try TestClient(broker.addresses[0])
                var writer = ByteWriter()
                RequestHeader(
                    supported.api, version: supported.advertised.upperBound + 1, correlationID: 9, clientID: "x"
                )
                .encode(into: &writer)
                try client.sendFrame(writer.array)
                let answer = try client.receiveFrame()
                if supported.api == .apiVersions {
                    // Version 0: error 35, then the list.
                    #expect(answer.map { Array($0[4..<6]) } == [0, 35])
                } else {
                    #expect(answer == nil, "\(supported.api)")
                }
            }
        }
    }

    @Test func behaviour06AFetchReturnsStoredBatchesWholeAndAsTheyAre() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            _ = try client.produce(try batch(["a", "b", "c"]), to: "T")
            _ = try client.produce(try batch(["d"]), to: "T")
            // From the middle of the first batch: the client skips what it did not ask for.
            #expect(try client.fetchAll([wanted("T", [(0, 2)])]).lines == ["T-0: a b c d"])
            #expect(try client.fetchAll([wanted("T", [(0, 3)])]).lines == ["T-0: d"])
        }
    }

    @Test func behaviour07AnEmptyRecordSetIsThereAndEmpty() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            for version in Int16(4)...12 {
                // A null set would throw.
                let answer = try client.fetchAll([wanted("T", [(0, 0)])], version: version)
                #expect(answer.lines == ["T-0: "] && answer.partitions[0].1.partition.highWatermark == 0)
            }
        }
    }

    @Test func behaviour08BatchesAreCheckedDownToTheirLastRecord() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            let good = try batch(["a", "b"])
            /// The batch with `bytes` written at `position` and a CRC that fits.
            func with(_ bytes: [UInt8], at position: Int) -> [UInt8] {
                var batch = good
                batch.replaceSubrange(position..<position + bytes.count, with: bytes)
                batch.withUnsafeMutableBytes { RecordBatchHeader.seal($0) }
                return batch
            }
            func code(_ batch: [UInt8], version: Int16 = 9) throws -> ErrorCode? {
                try client.produce(batch, to: "T", version: version)?.errorCode
            }
            var damaged = good
            damaged[70] ^= 1
            #expect(try code(damaged) == .corruptMessage)
            #expect(try code(Array(good.dropLast())) == .corruptMessage)
            #expect(try code(Array(good.prefix(30))) == .corruptMessage)
            #expect(try code(good + good) == .invalidRecord, "one batch for each partition")
            for magic in [0, 1, 3, 9] as [UInt8] { #expect(try code(with([magic], at: 16)) == .invalidRecord) }
            // A message of the oldest format, shorter than the head of a batch.
            func oldest(size: UInt8) -> [UInt8] {
                [UInt8](repeating: 0, count: 11) + [size, 0, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 20)
            }
            #expect(try code(oldest(size: 25)) == .invalidRecord)
            #expect(try code(oldest(size: 0)) == .corruptMessage, "too short for any format")
            #expect(try code(with([0, 0, 0, 3], at: 57)) == .invalidRecord, "record count")
            #expect(try code(with([0, 0, 0, 5], at: 23)) == .invalidRecord, "last offset delta")
            #expect(try code(with([0, 5], at: 21)) == .unsupportedCompressionType)
            #expect(try code(with([0, 0x20], at: 21)) == .invalidRecord, "a control batch")
            #expect(try code([]) == .invalidRecord)
            #expect(try broker.streams.watermarks(TopicPartition("T", 0)).high == 0)
            // Base offset and leader epoch are the broker's, and lie outside the CRC.
            #expect(try code(with([1, 2, 3, 4, 5, 6, 7, 8], at: 0)) == ErrorCode.none)
            #expect(try client.fetchAll([wanted("T", [(0, 0)])]).lines == ["T-0: a b"])
        }
    }

    @Test func behaviour08ZstandardNeedsProduce7() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            var builder = RecordBatchBuilder()
            try [1, 2, 3].withUnsafeBytes { try builder.append(key: nil, value: $0, timestampMilliseconds: 1) }
            var options = RecordBatchOptions()
            options.codec = .zstd
            try builder.finish(options)
            let bytes = builder.withBatch { Array($0) }
            for version in Int16(3)...12 {
                let code = try client.produce(bytes, to: "T", version: version)?.errorCode
                #expect(code == (version < 7 ? .unsupportedCompressionType : ErrorCode.none))
            }
        }
    }

    @Test func behaviour17ADeletedTopicIsGoneAtOnceAndComesBackAsAnother() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            _ = try client.produce(try batch(["a"]), to: "T")
            let id = try client.topicID("T")
            let request = DeleteTopicsRequest(topics: [DeleteTopicsRequest.Topic(name: "T")])
            #expect(try client.call(request, version: 6, DeleteTopicsResponse.self).topics[0].errorCode == .none)
            #expect(try client.call(MetadataRequest(topics: nil), version: 9, MetadataResponse.self).topics.isEmpty)
            #expect(try client.produce(try batch(["a"]), to: "T")?.errorCode == .unknownTopicOrPartition)
            _ = try client.call(
                MetadataRequest(topics: [MetadataRequest.Topic(name: "T")]), version: 9, MetadataResponse.self)
            #expect(try client.topicID("T") != id)
            #expect(try client.produce(try batch(["b"]), to: "T")?.baseOffset == 0)
        }
    }

    @Test func behaviour14TheClusterKeepsItsNameAndTheNodeIsNotZero() throws {
        let directory = TemporaryDirectory()
        var seen: Set<String?> = []
        for _ in 0..<2 {
            try withBroker(directory) { broker in
                try broker.start()
                let response = try TestClient(broker.addresses[0])
                    .call(MetadataRequest(topics: []), version: 4, MetadataResponse.self)
                seen.insert(response.clusterID)
                #expect(response.controllerID == 1 && response.brokers.map(\.nodeID) == [1])
            }
        }
        #expect(seen.count == 1 && seen.first??.utf8.count == 22)
    }

    @Test func behaviour20TheLargestTimestampInTheHeaderIsMadeTrue() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            var bytes = try batch(["a", "b", "c"], timestamp: 5000)
            bytes.replaceSubrange(35..<43, with: withUnsafeBytes(of: Int64(1).bigEndian) { Array($0) })
            bytes.withUnsafeMutableBytes { RecordBatchHeader.seal($0) }
            #expect(try client.produce(bytes, to: "T")?.errorCode == ErrorCode.none)
            let partition = ListOffsetsRequest.Partition(index: 0, timestamp: 5002)
            let request = ListOffsetsRequest(topics: [ListOffsetsRequest.Topic(name: "T", partitions: [partition])])
            let found = try client.call(request, version: 7, ListOffsetsResponse.self).topics[0].partitions[0]
            #expect(found.offset == 2 && found.timestamp == 5002)
        }
    }

    @Test func metadataDescribesATopicOnceHoweverOftenItIsNamed() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 100))
            let names = [String](repeating: "T", count: 10_000)
            let request = MetadataRequest(topics: names.map { MetadataRequest.Topic(name: $0) })
            for version in SupportedVersions.of(.metadata).decodable {
                let response = try client.call(request, version: version, MetadataResponse.self)
                #expect(response.topics.count == 1 && response.topics[0].partitions.count == 100)
                #expect(response.errorCode == .none)
            }
        }
    }
}
