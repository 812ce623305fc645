import Broker
import Bytes
import KafkaWire
import Streams
import System
import TestSupport
import Testing

/// Groups that the broker assigns, over a real socket.
@Suite struct ConsumerGroupServerTests {
    private let directory = TemporaryDirectory()

    private func withServer<R>(
        _ change: (inout BrokerOptions) -> Void = { _ in }, _ body: (Broker, TestClient) throws -> R
    ) throws -> R {
        try withBroker(directory, change) { broker in
            try broker.start()
            return try body(broker, try TestClient(broker.addresses[0]))
        }
    }

    private func joining(_ group: String, _ member: String, _ topics: [String]) -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest(
            groupID: group, memberID: member, rebalanceTimeoutMilliseconds: 60_000, subscribedTopicNames: topics,
            topicPartitions: [])
    }

    private func heartbeat(
        _ client: TestClient, _ request: ConsumerGroupHeartbeatRequest
    ) throws -> ConsumerGroupHeartbeatResponse {
        try client.call(request, version: 1, ConsumerGroupHeartbeatResponse.self)
    }

    private func describe(_ client: TestClient, _ group: String) throws -> ConsumerGroupDescribeResponse.Group {
        let request = ConsumerGroupDescribeRequest(groupIDs: [group], includeAuthorizedOperations: true)
        return try #require(try client.call(request, version: 1, ConsumerGroupDescribeResponse.self).groups.first)
    }

    private func joinClassic(_ client: TestClient, _ group: String) throws -> JoinGroupResponse {
        let request = JoinGroupRequest(
            groupID: group, sessionTimeoutMilliseconds: 10_000, rebalanceTimeoutMilliseconds: 10_000,
            protocolType: "consumer",
            protocols: [.init(name: "range", metadata: [])])
        return try client.call(request, version: 3, JoinGroupResponse.self)
    }

    @Test func membersAndOffsetsOutliveTheBroker() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 3))
            let joined = try heartbeat(client, joining("g", "m", ["T"]))
            #expect(joined.errorCode == .none && joined.memberEpoch == 1)
            #expect(joined.assignment?.topicPartitions.map(\.partitions) == [[0, 1, 2]])
        }
        try withServer { _, client in
            let group = try describe(client, "g")
            #expect(group.errorCode == .none && group.state == "Stable" && group.assignorName == "uniform")
            #expect(group.groupEpoch == 1 && group.assignmentEpoch == 1 && group.authorizedOperations != .min)
            let member = try #require(group.members.first)
            #expect(member.memberID == "m" && member.memberEpoch == 1 && member.memberType == 1)
            #expect(member.clientID == "test" && member.clientHost == "/127.0.0.1")
            #expect(member.assignment == member.targetAssignment)
            #expect(member.assignment.topicPartitions.map(\.topicName) == ["T"])
            let quiet = ConsumerGroupHeartbeatRequest(groupID: "g", memberID: "m", memberEpoch: 1)
            let answer = try heartbeat(client, quiet)
            #expect(answer.errorCode == .none && answer.memberEpoch == 1 && answer.assignment == nil)
            let gone = ConsumerGroupHeartbeatRequest(groupID: "g", memberID: "m", memberEpoch: -1)
            #expect(try heartbeat(client, gone).errorCode == .none)
        }
        try withServer { _, client in
            let group = try describe(client, "g")
            #expect(group.state == "Empty")
        }
    }

    @Test func offsetsFollowTopicsByIDAndMembersByEpoch() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 1))
            let joined = try heartbeat(client, joining("g", "m", ["T"]))
            let id = try #require(joined.assignment?.topicPartitions.first?.topicID)
            func commit(_ epoch: Int32, _ topic: UUID, _ offset: Int64, version: Int16) throws -> ErrorCode? {
                let request = OffsetCommitRequest(
                    groupID: "g", generation: epoch, memberID: "m",
                    topics: [.init(name: "T", id: topic, partitions: [.init(index: 0, offset: offset)])])
                let response = try client.call(request, version: version, OffsetCommitResponse.self)
                return response.topics.first?.partitions.first?.errorCode
            }
            func fetch(_ epoch: Int32, _ topic: UUID?, version: Int16) throws -> OffsetFetchResponse.Group {
                let request = OffsetFetchRequest(groups: [
                    .init(
                        groupID: "g", memberID: "m", memberEpoch: epoch,
                        topics: topic.map { [.init(name: "T", id: $0, partitions: [0])] })
                ])
                return try #require(try client.call(request, version: version, OffsetFetchResponse.self).groups.first)
            }
            #expect(try commit(1, id, 5, version: 10) == ErrorCode.none)
            #expect(try commit(1, id, 6, version: 9) == ErrorCode.none)
            #expect(try commit(1, UUID(high: 1, low: 1), 7, version: 10) == .unknownTopicID)
            #expect(try commit(0, id, 7, version: 9) == .staleMemberEpoch)
            #expect(try commit(1, id, 7, version: 8) == .unsupportedVersion)
            for version: Int16 in [9, 10] {
                #expect(try fetch(1, id, version: version).topics.first?.partitions.first?.offset == 6)
                let all = try fetch(1, nil, version: version)
                #expect(all.topics.first?.partitions.first?.offset == 6)
                #expect(version == 9 ? all.topics.first?.name == "T" : all.topics.first?.id == id)
                #expect(try fetch(3, id, version: version).errorCode == .staleMemberEpoch)
            }
            let unknown = try fetch(1, UUID(high: 1, low: 1), version: 10).topics.first?.partitions.first
            #expect(unknown?.errorCode == .unknownTopicID)
        }
    }

    @Test func groupsWithMembersKeepTheirKind() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            #expect(try heartbeat(client, joining("g", "m", ["T"])).errorCode == .none)
            #expect(try joinClassic(client, "g").errorCode == .inconsistentGroupProtocol)
            let beat = HeartbeatRequest(groupID: "g", generation: 1, memberID: "m")
            #expect(try client.call(beat, version: 3, HeartbeatResponse.self).errorCode == .unknownMemberID)
            let described = try client.call(
                DescribeGroupsRequest(groups: ["g"]), version: 6, DescribeGroupsResponse.self)
            #expect(described.groups.first?.errorCode == .groupIDNotFound)
            // Nobody is left: it becomes a classic one.
            let gone = ConsumerGroupHeartbeatRequest(groupID: "g", memberID: "m", memberEpoch: -1)
            #expect(try heartbeat(client, gone).errorCode == .none)
            #expect(try joinClassic(client, "g").errorCode == .none)
            #expect(try heartbeat(client, joining("g", "m", ["T"])).errorCode == .groupIDNotFound)
            #expect(try describe(client, "g").errorCode == .groupIDNotFound)
        }
        try withServer { _, client in
            let list = try client.call(ListGroupsRequest(), version: 5, ListGroupsResponse.self)
            #expect(list.groups.allSatisfy { $0.type == "classic" })
        }
    }

    @Test func onlyWhoJoinsMakesAGroup() throws {
        try withServer { _, client in
            var request = joining("g", "m", ["T"])
            request.memberEpoch = 4
            #expect(try heartbeat(client, request).errorCode == .groupIDNotFound)
            request.memberEpoch = -1
            #expect(try heartbeat(client, request).errorCode == .groupIDNotFound)
            #expect(try describe(client, "g").errorCode == .groupIDNotFound)
            #expect(try describe(client, "").errorCode == .invalidGroupID)
            var large = joining("g", "m", [])
            large.subscribedTopicNames = (0..<70).map { String(repeating: "t", count: 30_000) + "\($0)" }
            let refused = try heartbeat(client, large)
            #expect(refused.errorCode == .invalidRequest && refused.errorMessage?.isEmpty == false)
            #expect(try describe(client, "g").errorCode == .groupIDNotFound)
        }
    }

    @Test func silentMembersAreRemovedAndGroupsDeleted() throws {
        try withServer({ $0.groups.consumerSessionTimeoutMilliseconds = 50 }) { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            #expect(try heartbeat(client, joining("g", "m", ["T"])).heartbeatIntervalMilliseconds == 5000)
            let delete = DeleteGroupsRequest(groups: ["g"])
            var code: ErrorCode?
            let deadline = SystemClock().monotonicNanoseconds + 10_000_000_000
            repeat {
                code = try client.call(delete, version: 2, DeleteGroupsResponse.self).results.first?.errorCode
            } while code == .nonEmptyGroup && SystemClock().monotonicNanoseconds < deadline
            #expect(code == ErrorCode.none)
            #expect(try describe(client, "g").errorCode == .groupIDNotFound)
        }
        try withServer { _, client in
            let group = try describe(client, "g")
            #expect(group.errorCode == .groupIDNotFound)
        }
    }
}
