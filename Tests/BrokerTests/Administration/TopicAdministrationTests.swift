import Broker
import Bytes
import KafkaWire
import Streams
import TestSupport
import Testing

/// Topics, partitions and records as administrators handle them, over a real socket.
@Suite struct TopicAdministrationTests {
    private func withServer<R>(
        _ directory: TemporaryDirectory = TemporaryDirectory(), _ change: (inout BrokerOptions) -> Void = { _ in },
        _ body: (Broker, TestClient) throws -> R
    ) throws -> R {
        try withBroker(directory, change) { broker in
            try broker.start()
            return try body(broker, try TestClient(broker.addresses[0]))
        }
    }

    private func create(
        _ client: TestClient, _ topics: [CreateTopicsRequest.Topic], validateOnly: Bool = false
    ) throws -> [CreateTopicsResponse.Topic] {
        let request = CreateTopicsRequest(topics: topics, validateOnly: validateOnly)
        return try client.call(request, version: 7, CreateTopicsResponse.self).topics
    }

    @Test func topicsAreCheckedAsKafkaDoes() throws {
        try withServer { broker, client in
            typealias Topic = CreateTopicsRequest.Topic
            let cases: [(Topic, ErrorCode)] = [
                (Topic(name: "a"), .none), (Topic(name: "a"), .topicAlreadyExists),
                (Topic(name: "b", partitionCount: 0), .invalidPartitions),
                (Topic(name: "b", partitionCount: -2), .invalidPartitions),
                (Topic(name: "b", partitionCount: .max), .invalidPartitions),
                (Topic(name: "b", replicationFactor: 0), .invalidReplicationFactor),
                (Topic(name: "b", replicationFactor: -2), .invalidReplicationFactor),
                (Topic(name: "b/c"), .invalidTopicException), (Topic(name: ""), .invalidTopicException),
                (Topic(name: "b", configs: [.init(name: "no.such.key", value: "1")]), .invalidConfig),
                (Topic(name: "b", configs: [.init(name: "retention.ms", value: nil)]), .invalidConfig),
                (Topic(name: "b", configs: [.init(name: "retention.ms", value: "-2")]), .invalidConfig),
                (Topic(name: "b", assignments: [.init(index: 0, brokerIDs: [2])]), .invalidReplicaAssignment),
                (Topic(name: "b", assignments: [.init(index: 0, brokerIDs: [1, 1])]), .invalidReplicaAssignment),
                (Topic(name: "b", assignments: [.init(index: 0, brokerIDs: [])]), .invalidReplicaAssignment),
                (Topic(name: "b", assignments: [.init(index: 1, brokerIDs: [1])]), .invalidReplicaAssignment),
                (Topic(name: "b", partitionCount: 1, assignments: [.init(index: 0, brokerIDs: [1])]), .invalidRequest),
            ]
            for (topic, expected) in cases {
                let answer = try create(client, [topic])[0]
                #expect(answer.errorCode == expected, "\(topic)")
                #expect((answer.errorMessage == nil) == (expected == .none))
            }
            let assigned = Topic(
                name: "b", assignments: [.init(index: 1, brokerIDs: [1]), .init(index: 0, brokerIDs: [1])])
            let made = try create(client, [assigned])[0]
            #expect(made.errorCode == .none && made.partitionCount == 2 && made.replicationFactor == 1)
            #expect(made.configs?.count ?? 0 > 20 && made.configs?.allSatisfy { $0.source.rawValue > 0 } == true)
            let twice = try create(client, [Topic(name: "c"), Topic(name: "c"), Topic(name: "d")])
            #expect(twice.map(\.errorCode) == [.invalidRequest, .invalidRequest, .none])
            let checked = try create(client, [Topic(name: "e", partitionCount: 3)], validateOnly: true)[0]
            #expect(checked.errorCode == .none && checked.partitionCount == 3 && checked.id == .zero)
            #expect(try broker.streams.topics().map(\.name) == ["a", "b", "d"])
        }
    }

    @Test(arguments: [true, false]) func copiesBeyondOneAreClampedOrRefused(_ clamps: Bool) throws {
        try withServer(TemporaryDirectory(), { $0.clampReplication = clamps }) { broker, client in
            let answer = try create(client, [.init(name: "a", partitionCount: 1, replicationFactor: 3)])[0]
            #expect(answer.errorCode == (clamps ? .none : .invalidReplicationFactor))
            #expect(answer.replicationFactor == (clamps ? 1 : -1))
            let made = try broker.streams.topic("a")
            #expect((made != nil) == clamps)
        }
    }

    @Test func aBrokerThatKeepsItsTopicsSaysSo() throws {
        try withServer(TemporaryDirectory(), { $0.allowsTopicDeletion = false }) { broker, client in
            _ = try create(client, [.init(name: "a")])
            for version in SupportedVersions.of(.deleteTopics).decodable {
                let answer = try client.call(
                    DeleteTopicsRequest(topics: [.init(name: "a")]), version: version, DeleteTopicsResponse.self)
                #expect(answer.topics.map(\.errorCode) == [version >= 3 ? .topicDeletionDisabled : .invalidRequest])
            }
            #expect(try broker.streams.topics().map(\.name) == ["a"])
        }
    }

    @Test func topicsAreDeletedByNameOrID() throws {
        try withServer { broker, client in
            func delete(_ topics: [DeleteTopicsRequest.Topic]) throws -> [ErrorCode] {
                try client.call(DeleteTopicsRequest(topics: topics), version: 6, DeleteTopicsResponse.self).topics
                    .map(\.errorCode)
            }
            let made = try create(client, [.init(name: "a"), .init(name: "b"), .init(name: "c")])
            #expect(try delete([.init(name: nil, id: made[0].id)]) == [.none])
            #expect(try delete([.init(name: nil, id: made[0].id)]) == [.unknownTopicID])
            #expect(try delete([.init(name: "b", id: made[1].id)]) == [.invalidRequest])
            #expect(try delete([.init(name: nil, id: .zero)]) == [.invalidRequest])
            #expect(
                try delete([.init(name: "b"), .init(name: "b"), .init(name: "c")])
                    == [.invalidRequest, .invalidRequest, .none])
            #expect(try delete([.init(name: "a")]) == [.unknownTopicOrPartition])
            #expect(try broker.streams.topics().map(\.name) == ["b"])
        }
    }

    @Test func behaviour18TopicsGrow() throws {
        let directory = TemporaryDirectory()
        try withServer(directory) { broker, client in
            func grow(
                _ name: String, _ count: Int32, _ assignments: [[Int32]]? = nil, validateOnly: Bool = false
            ) throws -> ErrorCode {
                let topic = CreatePartitionsRequest.Topic(
                    name: name, count: count, assignments: assignments?.map { .init(brokerIDs: $0) })
                let request = CreatePartitionsRequest(topics: [topic], validateOnly: validateOnly)
                return try client.call(request, version: 3, CreatePartitionsResponse.self).results[0].errorCode
            }
            try broker.streams.createTopic(TopicSpecification("T"))
            #expect(try client.produce(try batch(["a"]), to: "T")?.baseOffset == 0)
            #expect(try grow("T", 1) == .invalidPartitions)
            #expect(try grow("T", 0) == .invalidPartitions)
            #expect(try grow("T", .max) == .invalidPartitions)
            #expect(try grow("U", 2) == .unknownTopicOrPartition)
            #expect(try grow("T", 3, [[1]]) == .invalidReplicaAssignment)
            #expect(try grow("T", 2, [[2]]) == .invalidReplicaAssignment)
            #expect(try grow("T", 2, validateOnly: true) == .none)
            #expect(try broker.streams.topic("T")?.partitionCount == 1)
            #expect(try grow("T", 3, [[1], [1]]) == .none)
            #expect(try client.produce(try batch(["a"]), to: "T")?.baseOffset == 1)
            #expect(try client.produce(try batch(["a"]), to: "T", partition: 2)?.baseOffset == 0)
            let twice = CreatePartitionsRequest(topics: [.init(name: "T", count: 4), .init(name: "T", count: 5)])
            let codes = try client.call(twice, version: 0, CreatePartitionsResponse.self).results.map(\.errorCode)
            #expect(codes == [.invalidRequest, .invalidRequest])
        }
        try withServer(directory) { broker, _ in
            let count = try broker.streams.topic("T")?.partitionCount
            #expect(count == 3)
        }
    }

    @Test func recordsAreGivenUpForGood() throws {
        let directory = TemporaryDirectory()
        func delete(
            _ client: TestClient, _ topic: String, _ offset: Int64, partition: Int32 = 0, version: Int16 = 2
        ) throws -> DeleteRecordsResponse.Partition {
            let request = DeleteRecordsRequest(
                topics: [.init(name: topic, partitions: [.init(index: partition, offset: offset)])])
            return try client.call(request, version: version, DeleteRecordsResponse.self).topics[0].partitions[0]
        }
        try withServer(directory) { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            try broker.streams.createTopic(TopicSpecification("C", configuration: ["cleanup.policy": "compact"]))
            for value in ["a", "b", "c"] { _ = try client.produce(try batch([value]), to: "T") }
            #expect(try delete(client, "T", 1).lowWatermark == 1)
            // Asking for less than is gone already changes nothing.
            #expect(try delete(client, "T", 0, version: 0).lowWatermark == 1)
            #expect(try client.fetch(TestClient.fetch("T", from: 0)).partition.errorCode == .offsetOutOfRange)
            #expect(try client.fetch(TestClient.fetch("T", from: 1)).values == ["b", "c"])
            for offset in [4, -2, Int64.min] as [Int64] {
                let refused = try delete(client, "T", offset)
                #expect(refused.errorCode == .offsetOutOfRange && refused.lowWatermark == -1)
            }
            #expect(try delete(client, "T", 0, partition: 1).errorCode == .unknownTopicOrPartition)
            #expect(try delete(client, "U", 0).errorCode == .unknownTopicOrPartition)
            #expect(try delete(client, "C", 0).errorCode == .policyViolation)
            #expect(try delete(client, "T", -1).lowWatermark == 3)
        }
        try withServer(directory) { broker, client in
            let marks = try broker.streams.watermarks(TopicPartition("T", 0))
            #expect(marks == Watermarks(low: 3, high: 3))
            #expect(try client.produce(try batch(["d"]), to: "T")?.baseOffset == 3)
        }
    }

    @Test func requestsBehindAChangeSeeIt() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            for round in Int64(1)...20 {
                _ = try client.produce(try batch(["a"]), to: "T")
                // Both are on their way before the first is answered.
                try client.send(
                    DeleteRecordsRequest(topics: [.init(name: "T", partitions: [.init(index: 0, offset: -1)])]),
                    version: 2)
                let earliest = ListOffsetsRequest.Partition(index: 0, timestamp: ListOffsetsRequest.earliest)
                try client.send(
                    ListOffsetsRequest(topics: [.init(name: "T", partitions: [earliest])]), version: 7)
                _ = try #require(try client.receiveFrame())
                let bytes = try #require(try client.answer(.listOffsets, version: 7))
                let offset = try bytes.withUnsafeBytes { raw in
                    var reader = ByteReader(raw)
                    return try ListOffsetsResponse(decoding: &reader, version: 7).topics[0].partitions[0].offset
                }
                #expect(offset == round)
            }
        }
    }

    @Test func topicsAreDescribedAPageAtATime() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("a", partitionCount: 3))
            try broker.streams.createTopic(TopicSpecification("b", partitionCount: 2))
            func describe(_ request: DescribeTopicPartitionsRequest) throws -> DescribeTopicPartitionsResponse {
                try client.call(request, version: 0, DescribeTopicPartitionsResponse.self)
            }
            let all = try describe(.init())
            #expect(all.topics.map(\.name) == ["a", "b"] && all.nextCursor == nil)
            #expect(all.topics[0].partitions.map(\.index) == [0, 1, 2])
            #expect(all.topics[0].partitions[0].replicaNodes == [1] && all.topics[0].partitions[0].leaderID == 1)
            // READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS.
            #expect(all.topics[0].authorizedOperations == 0b1101_1111_1000)
            var seen: [String] = []
            var request = DescribeTopicPartitionsRequest(partitionCountMax: 2)
            var pages = 0
            repeat {
                let page = try describe(request)
                for topic in page.topics {
                    seen += topic.partitions.map { "\(topic.name ?? "")-\($0.index)" }
                }
                request.cursor = page.nextCursor.map { .init(topic: $0.topic, partition: $0.partition) }
                pages += 1
            } while request.cursor != nil && pages < 9
            #expect(seen == ["a-0", "a-1", "a-2", "b-0", "b-1"] && pages == 3)
            let named = try describe(.init(topics: [.init(name: "b"), .init(name: "x"), .init(name: "/")]))
            #expect(named.topics.map(\.errorCode) == [.invalidTopicException, .none, .unknownTopicOrPartition])
            let bad = try describe(.init(topics: [.init(name: "a")], cursor: .init(topic: "a", partition: -1)))
            #expect(bad.topics.map(\.errorCode) == [.invalidRequest])
            // A cursor behind the end of its topic goes on with the next one.
            let behind = try describe(.init(cursor: .init(topic: "a", partition: 99)))
            #expect(behind.topics.map(\.name) == ["a", "b"] && behind.topics[0].partitions.isEmpty)
        }
    }
}
