import Broker
import Bytes
import KafkaWire
import Streams
import System
import TestSupport
import Testing

/// What a single node answers to questions about a cluster, over a real socket.
@Suite struct ClusterAdministrationTests {
    private func withServer<R>(_ body: (Broker, TestClient) throws -> R) throws -> R {
        let directory = TemporaryDirectory()
        return try withBroker(directory) { broker in
            try broker.start()
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 2))
            return try body(broker, try TestClient(broker.addresses[0]))
        }
    }

    @Test func logDirectoriesTellSizes() throws {
        try withServer { broker, client in
            _ = try client.produce(try batch([String(repeating: "x", count: 1000)]), to: "T", partition: 1)
            for version in SupportedVersions.of(.describeLogDirectories).decodable {
                let answer = try client.call(
                    DescribeLogDirectoriesRequest(topics: nil), version: version, DescribeLogDirectoriesResponse.self)
                let directory = answer.directories[0]
                #expect(answer.directories.count == 1 && directory.path.hasPrefix("/"))
                let partitions = directory.topics.first { $0.name == "T" }?.partitions ?? []
                #expect(partitions.map(\.index) == [0, 1])
                #expect(partitions[0].sizeBytes == 0 && partitions[1].sizeBytes > 1000)
                #expect((directory.totalBytes > directory.usableBytes && directory.usableBytes > 0) == (version >= 4))
            }
            let some = DescribeLogDirectoriesRequest(topics: [
                .init(name: "T", partitions: [1, 7]), .init(name: "U", partitions: [0]),
            ])
            let directory = try client.call(some, version: 4, DescribeLogDirectoriesResponse.self).directories[0]
            #expect(directory.topics.map(\.name) == ["T"] && directory.topics[0].partitions.map(\.index) == [1])
            func move(_ path: String) throws -> [ErrorCode] {
                let request = AlterReplicaLogDirectoriesRequest(directories: [
                    .init(path: path, topics: [.init(name: "T", partitions: [0, 9])])
                ])
                return try client.call(request, version: 2, AlterReplicaLogDirectoriesResponse.self).topics[0]
                    .partitions.map(\.errorCode)
            }
            #expect(try move(directory.path) == [.none, .unknownTopicOrPartition])
            #expect(try move("/elsewhere") == [.logDirectoryNotFound, .unknownTopicOrPartition])
        }
    }

    @Test func leadersAreWhereTheyShouldBe() throws {
        try withServer { _, client in
            for version in SupportedVersions.of(.electLeaders).decodable {
                let request = ElectLeadersRequest(topics: [.init(name: "T", partitions: [0, 5])])
                let answer = try client.call(request, version: version, ElectLeadersResponse.self)
                #expect(answer.topics[0].partitions.map(\.errorCode) == [.electionNotNeeded, .unknownTopicOrPartition])
            }
            #expect(
                try client.call(ElectLeadersRequest(topics: nil), version: 2, ElectLeadersResponse.self).topics.isEmpty)
            let odd = ElectLeadersRequest(electionType: 2, topics: nil)
            #expect(try client.call(odd, version: 2, ElectLeadersResponse.self).errorCode == .invalidRequest)
        }
    }

    @Test func partitionsStayWhereTheyAre() throws {
        try withServer { _, client in
            let request = AlterPartitionReassignmentsRequest(topics: [
                .init(
                    name: "T",
                    partitions: [
                        .init(index: 0, replicas: [1]), .init(index: 1, replicas: nil),
                        .init(index: 0, replicas: [1, 2]),
                        .init(index: 0, replicas: []), .init(index: 9, replicas: [1]),
                    ])
            ])
            for version in Int16(0)...1 {
                let answer = try client.call(request, version: version, AlterPartitionReassignmentsResponse.self)
                #expect(answer.errorCode == .none)
                #expect(
                    answer.topics[0].partitions.map(\.errorCode) == [
                        .none, .noReassignmentInProgress, .invalidReplicaAssignment, .invalidReplicaAssignment,
                        .unknownTopicOrPartition,
                    ])
            }
            let list = ListPartitionReassignmentsRequest(topics: nil)
            let answer = try client.call(list, version: 0, ListPartitionReassignmentsResponse.self)
            #expect(answer.errorCode == .none && answer.topics.isEmpty)
        }
    }

    @Test func theClusterIsThisBroker() throws {
        try withServer { broker, client in
            for version in SupportedVersions.of(.describeCluster).decodable {
                let plain = try client.call(DescribeClusterRequest(), version: version, DescribeClusterResponse.self)
                #expect(plain.clusterID == broker.clusterID && plain.controllerID == 1)
                #expect(plain.brokers.map(\.port) == [Int32(broker.addresses[0].port)])
                #expect(plain.clusterAuthorizedOperations == .min)
            }
            let asking = DescribeClusterRequest(includeClusterAuthorizedOperations: true)
            let told = try client.call(asking, version: 2, DescribeClusterResponse.self)
            // CREATE, ALTER, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS, IDEMPOTENT_WRITE.
            #expect(told.clusterAuthorizedOperations == 0b1_1111_1010_0000)
            for (type, code) in [(Int8(2), ErrorCode.mismatchedEndpointType), (3, .unsupportedEndpointType)] {
                let answer = try client.call(
                    DescribeClusterRequest(endpointType: type), version: 1, DescribeClusterResponse.self)
                #expect(answer.errorCode == code)
            }
        }
    }

    @Test func metadataTellsOperationsWhenAsked() throws {
        try withServer { _, client in
            var request = MetadataRequest(topics: [.init(name: "T"), .init(name: "U")], allowAutoTopicCreation: false)
            var response = try client.call(request, version: 10, MetadataResponse.self)
            #expect(response.clusterAuthorizedOperations == .min)
            #expect(response.topics.map(\.authorizedOperations) == [.min, .min])
            request.includeClusterAuthorizedOperations = true
            request.includeTopicAuthorizedOperations = true
            response = try client.call(request, version: 10, MetadataResponse.self)
            #expect(response.clusterAuthorizedOperations == 0b1_1111_1010_0000)
            #expect(response.topics.map(\.authorizedOperations) == [0b1101_1111_1000, .min])
        }
    }

    @Test func theQuorumIsThisBroker() throws {
        try withServer { _, client in
            for version in SupportedVersions.of(.describeQuorum).decodable {
                let request = DescribeQuorumRequest(topics: [
                    .init(name: "__cluster_metadata", partitions: [.init(index: 0), .init(index: 1)]),
                    .init(name: "T", partitions: [.init(index: 0)]),
                ])
                let answer = try client.call(request, version: version, DescribeQuorumResponse.self)
                let quorum = answer.topics[0].partitions[0]
                #expect(quorum.errorCode == .none && quorum.leaderID == 1 && quorum.currentVoters.map(\.nodeID) == [1])
                #expect(quorum.highWatermark > 0 && quorum.currentVoters[0].logEndOffset == quorum.highWatermark)
                #expect(answer.topics[0].partitions[1].errorCode == .unknownTopicOrPartition)
                #expect(answer.topics[1].partitions[0].errorCode == .unknownTopicOrPartition)
                #expect(answer.nodes.count == (version >= 2 ? 1 : 0))
            }
        }
    }

    @Test func featuresCannotBeSet() throws {
        try withServer { _, client in
            let request = UpdateFeaturesRequest(updates: [.init(feature: "metadata.version", versionMax: 7)])
            let single = try client.call(request, version: 1, UpdateFeaturesResponse.self)
            #expect(single.errorCode == .none && single.results.map(\.errorCode) == [.invalidUpdateVersion])
            let whole = try client.call(request, version: 2, UpdateFeaturesResponse.self)
            #expect(
                whole.errorCode == .invalidUpdateVersion && whole.errorMessage?.contains("metadata.version") == true)
        }
    }
}
