import Broker
import Bytes
import KafkaWire
import Observability
import RecordBatch
import Streams
import System
import TestSupport
import Testing

/// Requests over a real socket to a broker in this process.
@Suite struct ServerTests {
    private func withServer<R>(
        _ change: (inout BrokerOptions) -> Void = { _ in }, _ body: (Broker, TestClient) throws -> R
    ) throws -> R {
        let directory = TemporaryDirectory()
        return try withBroker(directory, change) { broker in
            try broker.start()
            return try body(broker, try TestClient(broker.addresses[0]))
        }
    }

    @Test func listsItsVersions() throws {
        try withServer { _, client in
            let request = APIVersionsRequest(clientSoftwareName: "test", clientSoftwareVersion: "1.0")
            for version in Int16(0)...4 {
                let response = try client.call(request, version: version, APIVersionsResponse.self)
                #expect(response.errorCode == .none)
                #expect(response.apiKeys.count == SupportedVersions.all.count)
            }
            let bad = APIVersionsRequest(clientSoftwareName: "te st", clientSoftwareVersion: "1.0")
            #expect(try client.call(bad, version: 3, APIVersionsResponse.self).errorCode == .invalidRequest)
            // A version that nobody knows yet is answered in version 0.
            try client.sendFrame([0, 18, 0, 99, 0, 0, 0, 7, 0, 1, 120])
            let answer = try #require(try client.receiveFrame())
            #expect(Array(answer.prefix(6)) == [0, 0, 0, 7, 0, 35])
        }
    }

    @Test func unknownRequestsCostTheirConnection() throws {
        try withServer { broker, _ in
            let frames: [[UInt8]] = [
                [0, 99, 0, 0, 0, 0, 0, 1, 0xff, 0xff], [0, 3, 0, 99, 0, 0, 0, 1, 0xff, 0xff],
                [0, 0, 0, 99, 0, 0, 0, 1, 0xff, 0xff],
            ]
            for frame in frames {
                let client = try TestClient(broker.addresses[0])
                try client.sendFrame(frame)
                #expect(try client.receiveFrame() == nil)
            }
        }
    }

    @Test func createsTopicsOnlyWhenAsked() throws {
        try withServer { broker, client in
            var request = MetadataRequest(
                topics: [MetadataRequest.Topic(name: "new"), MetadataRequest.Topic(name: "a b")],
                allowAutoTopicCreation: false)
            var response = try client.call(request, version: 9, MetadataResponse.self)
            #expect(response.topics.map(\.errorCode) == [.unknownTopicOrPartition, .invalidTopicException])
            #expect(try broker.streams.topics().isEmpty)
            request.allowAutoTopicCreation = true
            response = try client.call(request, version: 9, MetadataResponse.self)
            #expect(response.topics.map(\.errorCode) == [.none, .invalidTopicException])
            #expect(response.topics[0].partitions.map(\.leaderID) == [1])
            #expect(response.brokers.map(\.port) == [Int32(broker.addresses[0].port)])
            #expect(response.clusterID == broker.clusterID)
            response = try client.call(MetadataRequest(topics: nil), version: 12, MetadataResponse.self)
            #expect(response.topics.map(\.name) == ["new"])
        }
    }

    @Test func producesAndFetches() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            for (index, acks) in [Int16(-1), 1].enumerated() {
                let result = try #require(try client.produce(try batch(["a", "b"]), to: "T", acks: acks))
                #expect(result.errorCode == .none)
                #expect(result.baseOffset == Int64(index * 2))
            }
            for version in Int16(4)...12 {
                let answer = try client.fetch(TestClient.fetch("T", from: 0), version: version)
                #expect(answer.partition.errorCode == .none)
                #expect(answer.partition.highWatermark == 4)
                #expect(answer.values == ["a", "b", "a", "b"])
            }
            #expect(try client.fetch(TestClient.fetch("T", from: 0, partitionBytes: 1)).values == ["a", "b"])
            let end = try client.fetch(TestClient.fetch("T", from: 4))
            #expect(end.partition.errorCode == .none)
            #expect(end.partition.records.byteCount == 0)
            let beyond = try client.fetch(TestClient.fetch("T", from: 5, wait: 20_000))
            #expect(beyond.partition.errorCode == .offsetOutOfRange)
            #expect(beyond.partition.highWatermark == 4)
            #expect(beyond.partition.logStartOffset == 0)
            #expect(
                try client.fetch(TestClient.fetch("U", from: 0, wait: 20_000)).partition.errorCode
                    == .unknownTopicOrPartition)
        }
    }

    @Test func refusesBadBatches() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", configuration: ["max.message.bytes": "200"]))
            try broker.streams.createTopic(TopicSpecification("C", configuration: ["cleanup.policy": "compact"]))
            let good = try batch(["a"])
            #expect(try client.produce(good, to: "T", acks: 2)?.errorCode == .invalidRequiredAcks)
            #expect(try client.produce(good, to: "T", partition: 1)?.errorCode == .unknownTopicOrPartition)
            #expect(try client.produce(good, to: "__consumer_offsets")?.errorCode == .invalidTopicException)
            #expect(
                try client.produce(try batch([String(repeating: "x", count: 200)]), to: "T")?.errorCode
                    == .messageTooLarge)
            var damaged = good
            damaged[damaged.count - 1] ^= 1
            #expect(try client.produce(damaged, to: "T")?.errorCode == .corruptMessage)
            #expect(try client.produce([], to: "T")?.errorCode == .invalidRecord)
            let refused = try #require(try client.produce(try batch(["a", "b"]), to: "C"))
            #expect(refused.errorCode == .invalidRecord)
            #expect(refused.recordErrors.map(\.batchIndex) == [0, 1])
            #expect(try client.produce(try batch(["a"], keys: true), to: "C")?.errorCode == ErrorCode.none)
            #expect(try broker.streams.watermarks(TopicPartition("T", 0)).high == 0)
        }
    }

    @Test func behaviour09IdempotentProducersRepeatWithoutHarm() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            let first = try client.call(InitProducerIDRequest(), version: 4, InitProducerIDResponse.self)
            let second = try client.call(InitProducerIDRequest(), version: 0, InitProducerIDResponse.self)
            #expect(first.errorCode == .none && first.producerID >= 0 && first.producerEpoch == 0)
            #expect(second.producerID != first.producerID)
            let batch0 = try batch(["a", "b"], producer: (first.producerID, 0, 0))
            #expect(try client.produce(batch0, to: "T")?.baseOffset == 0)
            #expect(try client.produce(batch0, to: "T")?.baseOffset == 0)
            let gap = try batch(["c"], producer: (first.producerID, 0, 5))
            #expect(try client.produce(gap, to: "T")?.errorCode == .outOfOrderSequenceNumber)
            let next = try batch(["c"], producer: (first.producerID, 0, 2))
            #expect(try client.produce(next, to: "T")?.baseOffset == 2)
            let bumped = try client.call(
                InitProducerIDRequest(producerID: first.producerID, producerEpoch: 0), version: 4,
                InitProducerIDResponse.self)
            #expect(bumped.producerID == first.producerID && bumped.producerEpoch == 1)
            let half = try client.call(
                InitProducerIDRequest(producerID: first.producerID), version: 4, InitProducerIDResponse.self)
            #expect(half.errorCode == .invalidRequest)
        }
    }

    @Test func withoutAcksThereIsNoAnswerAndErrorsClose() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            let good = try batch(["a"])
            try good.withUnsafeBytes { raw in
                let partition = ProduceRequest.Partition(index: 0, records: .view(raw))
                try client.send(
                    ProduceRequest(acks: 0, topics: [ProduceRequest.Topic(name: "T", partitions: [partition])]),
                    version: 9)
            }
            // The next answer on the connection is that of the next request.
            #expect(try client.call(MetadataRequest(topics: nil), version: 9, MetadataResponse.self).topics.count == 1)
            #expect(try client.fetch(TestClient.fetch("T", from: 0)).values == ["a"])
            #expect(try client.produce(good, to: "T", partition: 7, acks: 0) == nil)
        }
    }

    @Test func longPollWakesOnAppendAndOnDeletion() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            let other = try TestClient(broker.addresses[0])
            let clock = SystemClock()
            let started = clock.monotonicNanoseconds
            for round in 0..<5 {
                try client.send(TestClient.fetch("T", from: Int64(round), wait: 60_000), version: 11)
                #expect(try other.produce(try batch(["\(round)"]), to: "T")?.baseOffset == Int64(round))
                let bytes = try #require(try client.answer(.fetch, version: 11))
                #expect(try client.fetched(bytes, version: 11).values == ["\(round)"])
            }
            try client.send(TestClient.fetch("T", from: 5, wait: 60_000), version: 11)
            try broker.streams.deleteTopic("T")
            let bytes = try #require(try client.answer(.fetch, version: 11))
            #expect(try client.fetched(bytes, version: 11).partition.errorCode == .unknownTopicOrPartition)
            #expect(clock.monotonicNanoseconds - started < 20_000_000_000)
        }
    }

    @Test func longPollWaitsForItsBytesOrItsTime() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            let size = try batch(["x"]).count
            #expect(try client.produce(try batch(["x"]), to: "T")?.baseOffset == 0)
            let clock = SystemClock()
            let started = clock.monotonicNanoseconds
            let answer = try client.fetch(TestClient.fetch("T", from: 0, wait: 50, minBytes: Int32(size + 1)))
            #expect(answer.values == ["x"])
            #expect(clock.monotonicNanoseconds - started >= 50_000_000)
            try client.send(TestClient.fetch("T", from: 0, wait: 60_000, minBytes: Int32(size + 1)), version: 11)
            let other = try TestClient(broker.addresses[0])
            #expect(try other.produce(try batch(["y"]), to: "T")?.baseOffset == 1)
            let bytes = try #require(try client.answer(.fetch, version: 11))
            #expect(try client.fetched(bytes, version: 11).values == ["x", "y"])
        }
    }

    @Test func answersOffsets() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            #expect(
                try client.produce(try batch(["a", "b", "c"], timestamp: 1000), to: "T")?.errorCode == ErrorCode.none)
            let cases: [(Int64, Int64)] = [(-1, 3), (-2, 0), (-3, 2), (-4, 0), (1001, 1), (0, 0), (1003, -1)]
            for version in SupportedVersions.of(.listOffsets).decodable where version >= 8 {
                for (timestamp, offset) in cases {
                    let partition = ListOffsetsRequest.Partition(index: 0, timestamp: timestamp)
                    let request = ListOffsetsRequest(topics: [
                        ListOffsetsRequest.Topic(name: "T", partitions: [partition])
                    ])
                    let response = try client.call(request, version: version, ListOffsetsResponse.self)
                    #expect(response.topics[0].partitions[0].errorCode == .none)
                    #expect(response.topics[0].partitions[0].offset == offset)
                }
            }
        }
    }

    @Test func keepsOffsetsOfGroups() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 2))
            func committed(_ version: Int16) throws -> [Int64] {
                let topic = OffsetFetchRequest.Topic(name: "T", partitions: [0, 1])
                let request = OffsetFetchRequest(groups: [OffsetFetchRequest.Group(groupID: "g", topics: [topic])])
                let response = try client.call(request, version: version, OffsetFetchResponse.self)
                return response.groups[0].topics[0].partitions.map { $0.errorCode == .none ? $0.offset : -99 }
            }
            #expect(try committed(7) == [-1, -1])
            var commit = OffsetCommitRequest(
                groupID: "g",
                topics: [
                    OffsetCommitRequest.Topic(
                        name: "T",
                        partitions: [
                            OffsetCommitRequest.Partition(index: 0, offset: 5, metadata: "m"),
                            OffsetCommitRequest.Partition(index: 2, offset: 5),
                            OffsetCommitRequest.Partition(
                                index: 1, offset: 5, metadata: String(repeating: "x", count: 5000)),
                        ])
                ])
            let response = try client.call(commit, version: 8, OffsetCommitResponse.self)
            #expect(
                response.topics[0].partitions.map(\.errorCode)
                    == [.none, .unknownTopicOrPartition, .offsetMetadataTooLarge])
            for version in Int16(1)...8 { #expect(try committed(version) == [5, -1]) }
            commit.memberID = "somebody"
            commit.generation = 1
            let refused = try client.call(commit, version: 8, OffsetCommitResponse.self)
            #expect(refused.topics[0].partitions[0].errorCode == .illegalGeneration)
            #expect(try broker.streams.committedOffsets(group: "g", [TopicPartition("T", 0)]).values.first == 5)
        }
    }

    @Test func createsAndDeletesTopics() throws {
        try withServer { broker, client in
            func topic(
                _ name: String, partitions: Int32 = -1, replication: Int16 = -1, _ configs: [String: String] = [:]
            )
                -> CreateTopicsRequest.Topic
            {
                CreateTopicsRequest.Topic(
                    name: name, partitionCount: partitions, replicationFactor: replication,
                    configs: configs.map { CreateTopicsRequest.Config(name: $0.key, value: $0.value) })
            }
            let request = CreateTopicsRequest(topics: [
                topic("good", partitions: 3, replication: 3, ["retention.ms": "1000"]), topic("..", partitions: 1),
                topic("many", partitions: .max), topic("config", ["nonsense": "1"]),
                topic("value", ["retention.ms": "x"]),
                topic("zero", replication: 0), topic("twice"), topic("twice"),
            ])
            let expected: [ErrorCode] = [
                .none, .invalidTopicException, .invalidPartitions, .invalidConfig, .invalidConfig,
                .invalidReplicationFactor, .invalidRequest, .invalidRequest,
            ]
            let response = try client.call(request, version: 7, CreateTopicsResponse.self)
            #expect(response.topics.map(\.errorCode) == expected)
            #expect(response.topics[0].partitionCount == 3)
            let source = response.topics[0].configs?.first { $0.name == "retention.ms" }?.source
            #expect(source == .dynamicTopicConfig)
            #expect(try broker.streams.topics().map(\.name) == ["good"])
            let again = try client.call(
                CreateTopicsRequest(topics: [topic("good")]), version: 2, CreateTopicsResponse.self)
            #expect(again.topics[0].errorCode == .topicAlreadyExists)
            let resource = DescribeConfigsRequest.Resource(type: 2, name: "good", keys: ["retention.ms"])
            let described = try client.call(
                DescribeConfigsRequest(resources: [resource]), version: 4, DescribeConfigsResponse.self)
            #expect(described.results[0].configs.map(\.value) == ["1000"])
            let deleted = try client.call(
                DeleteTopicsRequest(topics: [
                    DeleteTopicsRequest.Topic(name: nil, id: response.topics[0].id),
                    DeleteTopicsRequest.Topic(name: "none"),
                ]), version: 6, DeleteTopicsResponse.self)
            #expect(deleted.topics.map(\.errorCode) == [.none, .unknownTopicOrPartition])
            #expect(try broker.streams.topics().isEmpty)
        }
    }

    @Test func listeningTwiceIsRefused() throws {
        try withServer { broker, _ in
            let directory = TemporaryDirectory()
            var options = BrokerOptions.testing(directory)
            options.listen = broker.addresses
            let second = try Broker(options: options, metrics: Metrics())
            defer { second.stop() }
            let error = #expect(throws: BrokerError.self) { try second.start() }
            #expect(error?.kind == .addressInUse)
            #expect(error?.message.contains("\(broker.addresses[0].port)") == true)
        }
    }

    @Test func metricsTellTraffic() throws {
        let directory = TemporaryDirectory()
        let metrics = Metrics()
        try withBroker(directory, metrics: metrics) { broker in
            try broker.start()
            let client = try TestClient(broker.addresses[0])
            try broker.streams.createTopic(TopicSpecification("T"))
            #expect(try client.produce(try batch(["a", "b"]), to: "T")?.errorCode == ErrorCode.none)
            let text = metrics.prometheusText()
            #expect(text.contains("sluice_topic_received_records_total{topic=\"T\"} 2"))
            #expect(text.contains("sluice_partition_high_watermark_offset{partition=\"0\",topic=\"T\"} 2"))
        }
    }
}

/// Every request, cut at every byte, must cost its connection at most.
@Suite struct TruncationTests {
    static let frames: [[UInt8]] = {
        let partition = FetchRequest.Partition(index: 0, fetchOffset: 0, partitionMaxBytes: 100)
        return [
            TestClient.frame(APIVersionsRequest(clientSoftwareName: "a", clientSoftwareVersion: "1"), version: 3),
            TestClient.frame(MetadataRequest(topics: [MetadataRequest.Topic(name: "T")]), version: 12),
            TestClient.frame(
                FetchRequest(topics: [FetchRequest.Topic(name: "T", partitions: [partition])]), version: 12),
            TestClient.frame(
                ListOffsetsRequest(topics: [
                    ListOffsetsRequest.Topic(name: "T", partitions: [ListOffsetsRequest.Partition(index: 0)])
                ]), version: 7),
            TestClient.frame(
                CreateTopicsRequest(topics: [CreateTopicsRequest.Topic(name: "U", partitionCount: 1)]), version: 7),
            TestClient.frame(
                DeleteTopicsRequest(topics: [DeleteTopicsRequest.Topic(name: "nothing")]), version: 6),
            TestClient.frame(FindCoordinatorRequest(keyType: 0, keys: ["g"]), version: 4),
            TestClient.frame(
                OffsetCommitRequest(
                    groupID: "g",
                    topics: [
                        OffsetCommitRequest.Topic(
                            name: "T", partitions: [OffsetCommitRequest.Partition(index: 0, offset: 1)])
                    ]), version: 8),
            TestClient.frame(
                OffsetFetchRequest(groups: [
                    OffsetFetchRequest.Group(
                        groupID: "g", topics: [OffsetFetchRequest.Topic(name: "T", partitions: [0])])
                ]), version: 8),
            TestClient.frame(
                JoinGroupRequest(
                    groupID: "h", sessionTimeoutMilliseconds: 5000, memberID: "m", groupInstanceID: "i",
                    protocolType: "consumer",
                    protocols: [JoinGroupRequest.MemberProtocol(name: "p", metadata: [1, 2])],
                    reason: "r"), version: 9),
            TestClient.frame(
                SyncGroupRequest(
                    groupID: "h", generation: 1, memberID: "m", protocolType: "consumer", protocolName: "p",
                    assignments: [SyncGroupRequest.Assignment(memberID: "m", assignment: [1, 2])]), version: 5),
            TestClient.frame(HeartbeatRequest(groupID: "h", generation: 1, memberID: "m"), version: 4),
            TestClient.frame(
                LeaveGroupRequest(groupID: "h", members: [LeaveGroupRequest.Member(memberID: "m", reason: "r")]),
                version: 5),
            TestClient.frame(
                DescribeGroupsRequest(groups: ["h"], includesAuthorizedOperations: true), version: 6),
            TestClient.frame(ListGroupsRequest(states: ["Empty"], types: ["classic"]), version: 5),
            TestClient.frame(DeleteGroupsRequest(groups: ["h"]), version: 2),
            TestClient.frame(
                OffsetDeleteRequest(
                    groupID: "h",
                    topics: [
                        OffsetDeleteRequest.Topic(
                            name: "T", partitions: [OffsetDeleteRequest.Partition(index: 0)])
                    ]), version: 0),
            TestClient.frame(InitProducerIDRequest(), version: 4),
            TestClient.frame(
                OffsetForLeaderEpochRequest(topics: [
                    OffsetForLeaderEpochRequest.Topic(
                        name: "T", partitions: [OffsetForLeaderEpochRequest.Partition(index: 0)])
                ]), version: 4),
            TestClient.frame(
                DescribeConfigsRequest(resources: [DescribeConfigsRequest.Resource(type: 2, name: "T")]), version: 4),
            TestClient.frame(DescribeClusterRequest(), version: 0),
        ]
    }()

    @Test func everyTruncationIsSurvived() throws {
        let directory = TemporaryDirectory()
        try withBroker(directory, { $0.autoCreate = false }) { broker in
            try broker.start()
            try broker.streams.createTopic(TopicSpecification("T"))
            for frame in Self.frames {
                for count in 8..<frame.count {
                    let client = try TestClient(broker.addresses[0])
                    try client.sendFrame(Array(frame.prefix(count)))
                    // Either an answer or the end, never silence.
                    _ = try client.receiveFrame()
                }
                let client = try TestClient(broker.addresses[0])
                try client.sendFrame(frame)
                #expect(try client.receiveFrame() != nil)
            }
        }
    }

    @Test func producesCutAnywhereAppendNothing() throws {
        let directory = TemporaryDirectory()
        try withBroker(directory) { broker in
            try broker.start()
            try broker.streams.createTopic(TopicSpecification("T"))
            let frame = try batch(["value"]).withUnsafeBytes { raw in
                TestClient.frame(
                    ProduceRequest(topics: [
                        ProduceRequest.Topic(
                            name: "T", partitions: [ProduceRequest.Partition(index: 0, records: .view(raw))])
                    ]), version: 9)
            }
            // Without its last byte, which ends the request's tagged fields, nothing of the request may count.
            for count in 8..<frame.count {
                let client = try TestClient(broker.addresses[0])
                try client.sendFrame(Array(frame.prefix(count)))
                #expect(try client.receiveFrame() == nil)
            }
            #expect(try broker.streams.watermarks(TopicPartition("T", 0)).high == 0)
        }
    }
}
