import Broker
import Bytes
import KafkaWire
import Observability
import Streams
import System
import TestSupport
import Testing

/// A member of a group, over a socket of its own.
struct TestMember {
    let client: TestClient
    let group: String
    var id = ""
    var generation: Int32 = -1
    var instance: String?

    init(_ broker: Broker, _ group: String, instance: String? = nil) throws {
        client = try TestClient(broker.addresses[0])
        self.group = group
        self.instance = instance
    }

    func request(session: Int32 = 10_000, rebalance: Int32 = 60_000, topics: [String] = ["T"]) -> JoinGroupRequest {
        var writer = ByteWriter()
        writer.int16(0)
        writer.kafkaCount(topics.count, flexible: false)
        for topic in topics { writer.kafkaString(topic, flexible: false) }
        writer.int32(-1)
        return JoinGroupRequest(
            groupID: group, sessionTimeoutMilliseconds: session, rebalanceTimeoutMilliseconds: rebalance, memberID: id,
            groupInstanceID: instance, protocolType: "consumer",
            protocols: [JoinGroupRequest.MemberProtocol(name: "range", metadata: writer.array)])
    }

    /// Joins and waits for the answer; a member without an id gets one first.
    mutating func join(session: Int32 = 10_000, version: Int16 = 9) throws -> JoinGroupResponse {
        var response = try client.call(request(session: session), version: version, JoinGroupResponse.self)
        if response.errorCode == .memberIDRequired {
            id = response.memberID
            response = try client.call(request(session: session), version: version, JoinGroupResponse.self)
        }
        if response.errorCode == .none { (id, generation) = (response.memberID, response.generation) }
        return response
    }

    /// Sends a JoinGroup whose answer is awaited with `joined`.
    func sendJoin(session: Int32 = 10_000, version: Int16 = 9) throws {
        try client.send(request(session: session), version: version)
    }

    mutating func joined(version: Int16 = 9) throws -> JoinGroupResponse {
        guard let bytes = try client.answer(.joinGroup, version: version) else {
            throw TestClient.Failure(what: "closed")
        }
        let response = try bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            return try JoinGroupResponse(decoding: &reader, version: version)
        }
        if response.errorCode == .none { (id, generation) = (response.memberID, response.generation) }
        return response
    }

    func sync(_ assignments: [String: [UInt8]] = [:], version: Int16 = 5) throws -> SyncGroupResponse {
        let request = SyncGroupRequest(
            groupID: group, generation: generation, memberID: id, groupInstanceID: instance,
            assignments: assignments.map { SyncGroupRequest.Assignment(memberID: $0.key, assignment: $0.value) })
        return try client.call(request, version: version, SyncGroupResponse.self)
    }

    func heartbeat(version: Int16 = 4) throws -> ErrorCode {
        let request = HeartbeatRequest(
            groupID: group, generation: generation, memberID: id, groupInstanceID: instance)
        return try client.call(request, version: version, HeartbeatResponse.self).errorCode
    }

    func leave() throws -> ErrorCode {
        let request = LeaveGroupRequest(
            groupID: group, members: [LeaveGroupRequest.Member(memberID: id, groupInstanceID: instance)])
        let response = try client.call(request, version: 5, LeaveGroupResponse.self)
        return response.errorCode == .none ? response.members[0].errorCode : response.errorCode
    }

    func commit(_ offset: Int64, topic: String = "T", version: Int16 = 8) throws -> ErrorCode {
        let partition = OffsetCommitRequest.Partition(index: 0, offset: offset)
        let request = OffsetCommitRequest(
            groupID: group, generation: generation, memberID: id, groupInstanceID: instance,
            topics: [OffsetCommitRequest.Topic(name: topic, partitions: [partition])])
        return try client.call(request, version: version, OffsetCommitResponse.self).topics[0].partitions[0].errorCode
    }
}

extension TestClient {
    func describe(_ group: String, version: Int16 = 5) throws -> DescribeGroupsResponse.Group {
        try call(DescribeGroupsRequest(groups: [group]), version: version, DescribeGroupsResponse.self).groups[0]
    }

    func list(states: [String] = [], types: [String] = [], version: Int16 = 5) throws -> [ListGroupsResponse.Group] {
        try call(
            ListGroupsRequest(states: states, types: types), version: version, ListGroupsResponse.self
        ).groups
    }

    func committed(_ group: String, topic: String = "T") throws -> Int64 {
        let topic = OffsetFetchRequest.Topic(name: topic, partitions: [0])
        let request = OffsetFetchRequest(groups: [OffsetFetchRequest.Group(groupID: group, topics: [topic])])
        return try call(request, version: 7, OffsetFetchResponse.self).groups[0].topics[0].partitions[0].offset
    }
}

/// Groups over real sockets.
@Suite struct GroupServerTests {
    private func withServer<R>(
        _ directory: TemporaryDirectory = TemporaryDirectory(), _ change: (inout BrokerOptions) -> Void = { _ in },
        _ body: (Broker, TestClient) throws -> R
    ) throws -> R {
        try withBroker(directory, change) { broker in
            try broker.start()
            if try broker.streams.topic("T") == nil { try broker.streams.createTopic(TopicSpecification("T")) }
            return try body(broker, try TestClient(broker.addresses[0]))
        }
    }

    @Test func everyVersionJoinsSyncsAndLeaves() throws {
        try withServer { broker, client in
            for version in Int16(0)...9 {
                var member = try TestMember(broker, "g\(version)")
                let joined = try member.join(version: version)
                #expect(joined.errorCode == .none && joined.generation == 1 && joined.leader == member.id)
                #expect(joined.members.count == 1 && joined.protocolName == "range")
                let synced = try member.sync([member.id: [1, 2]], version: min(version, 5))
                #expect(synced.errorCode == .none && synced.assignment == [1, 2])
                #expect(try member.heartbeat(version: min(version, 4)) == .none)
                #expect(try member.commit(3, version: version <= 8 ? max(version, 1) : 8) == .none)
                #expect(try client.describe(member.group).members.map(\.memberID) == [member.id])
                let leave = LeaveGroupRequest(
                    groupID: member.group, members: [LeaveGroupRequest.Member(memberID: member.id)])
                for error in [ErrorCode.none, .unknownMemberID] {
                    let left = try client.call(leave, version: min(version, 5), LeaveGroupResponse.self)
                    #expect((version < 3 ? left.errorCode : left.members[0].errorCode) == error)
                }
                #expect(try client.describe(member.group).state == "Empty")
                #expect(try client.committed(member.group) == 3)
            }
        }
    }

    @Test func twoMembersShareAndTakeOver() throws {
        try withServer { broker, _ in
            var first = try TestMember(broker, "g")
            var second = try TestMember(broker, "g")
            #expect(try first.join().generation == 1)
            #expect(try first.sync([first.id: [1]]).assignment == [1])
            let told = try second.client.call(second.request(), version: 9, JoinGroupResponse.self)
            second.id = told.memberID
            try second.sendJoin()
            // The member hears of the rebalance by its heartbeat, and commits what it has read before it joins again.
            waitUntil { (try? first.heartbeat()) == .rebalanceInProgress }
            #expect(try first.commit(7) == .none)
            let joined = try first.join()
            #expect(joined.members.count == 2 && joined.generation == 2)
            let other = try second.joined()
            #expect(other.leader == first.id && other.members.isEmpty)
            #expect(try first.commit(8) == .rebalanceInProgress)
            #expect(try first.sync([first.id: [1], second.id: [2]]).assignment == [1])
            #expect(try second.sync().assignment == [2])
            #expect(try second.commit(9) == .none)
            #expect(try first.leave() == .none)
            #expect(try second.heartbeat() == .rebalanceInProgress)
            #expect(try second.join().leader == second.id)
        }
    }

    @Test func aMemberWhoseConnectionEndsIsNotWaitedForLongerThanItsSession() throws {
        try withServer { broker, client in
            var first = try TestMember(broker, "g")
            #expect(try first.join().generation == 1)
            #expect(try first.sync([first.id: [1]]).errorCode == .none)
            // Of version 3: it never learns its id, and is gone with its connection.
            let ghost = try TestMember(broker, "g")
            try ghost.sendJoin(version: 3)
            waitUntil { (try? client.describe("g").state) == "PreparingRebalance" }
            withExtendedLifetime(consume ghost) {}
            waitUntil { (try? client.describe("g").members.count) == 1 }
            #expect(try first.join(session: 1000).members.count == 1)
            // Nothing more is heard of the last member.
            waitUntil { (try? client.describe("g").state) == "Dead" }
        }
    }

    @Test func membersOfARestartedBrokerGoOn() throws {
        let directory = TemporaryDirectory()
        var member = try withServer(directory) { broker, _ in
            var member = try TestMember(broker, "g", instance: "i")
            #expect(try member.join().generation == 1)
            #expect(try member.sync([member.id: [5]]).assignment == [5])
            #expect(try member.commit(3) == .none)
            return member
        }
        try withServer(directory) { broker, client in
            let old = member
            member = try TestMember(broker, "g", instance: "i")
            (member.id, member.generation) = (old.id, old.generation)
            #expect(try client.describe("g").state == "Stable")
            #expect(try member.heartbeat() == .none)
            #expect(try member.commit(4) == .none)
            #expect(try member.sync().assignment == [5])
            #expect(try client.committed("g") == 4)
            #expect(try member.leave() == .none)
        }
        try withServer(directory) { _, client in
            let listed = try client.list()
            #expect(listed.map(\.state) == ["Empty"] && listed.map(\.protocolType) == ["consumer"])
        }
    }

    @Test func sessionTimeoutsHaveLimits() throws {
        try withServer { broker, _ in
            for (session, error) in [
                (Int32(999), ErrorCode.invalidSessionTimeout), (1_800_001, .invalidSessionTimeout),
            ] {
                var member = try TestMember(broker, "g")
                #expect(try member.join(session: session).errorCode == error)
            }
            var nameless = try TestMember(broker, "")
            #expect(try nameless.join().errorCode == .invalidGroupID)
            #expect(try nameless.heartbeat() == .invalidGroupID)
            #expect(try nameless.sync().errorCode == .invalidGroupID)
            #expect(try nameless.leave() == .invalidGroupID)
            var unknown = try TestMember(broker, "g")
            unknown.id = "nobody"
            #expect(try unknown.join().errorCode == .unknownMemberID)
            #expect(try unknown.heartbeat() == .unknownMemberID)
            #expect(try unknown.sync().errorCode == .unknownMemberID)
            #expect(try unknown.leave() == .unknownMemberID)
            unknown.generation = 3
            #expect(try unknown.commit(1) == .illegalGeneration)
        }
    }

    @Test func aMemberCannotSayWithoutEnd() throws {
        try withServer { broker, client in
            let member = try TestMember(broker, "g")
            var request = member.request()
            request.protocols[0].metadata = [UInt8](repeating: 1, count: 1 << 20)
            #expect(try client.call(request, version: 9, JoinGroupResponse.self).errorCode == .invalidRequest)
            #expect(try client.list().isEmpty)
        }
    }

    // MARK: - What the reference says that others get wrong

    @Test func behaviour11GenerationsFence() throws {
        try withServer { broker, client in
            var member = try TestMember(broker, "g")
            _ = try member.join()
            _ = try member.sync([member.id: [1]])
            member.generation = 9
            #expect(try member.heartbeat() == .illegalGeneration)
            #expect(try member.commit(1) == .illegalGeneration)
            #expect(try member.sync().errorCode == .illegalGeneration)
            member.generation = 1
            let simple = try TestMember(broker, "g")
            #expect(try simple.commit(1) == .unknownMemberID)
            #expect(throws: StreamError.self) {
                try broker.streams.commit(group: "g", [TopicPartition("T", 0): 1])
            }
            #expect(try member.commit(2) == .none && member.leave() == .none)
            #expect(try simple.commit(1) == .none && client.committed("g") == 1)
        }
    }

    @Test func behaviour12LeaderIsStable() throws {
        try withServer { broker, _ in
            var leader = try TestMember(broker, "g")
            _ = try leader.join()
            _ = try leader.sync([leader.id: [1]])
            var follower = try TestMember(broker, "g")
            follower.id = try follower.client.call(follower.request(), version: 9, JoinGroupResponse.self).memberID
            try follower.sendJoin()
            #expect(try leader.join().members.count == 2)
            _ = try follower.joined()
            _ = try leader.sync([leader.id: [1], follower.id: [2]])
            #expect(try follower.sync().assignment == [2])
            // Nothing changes for a follower that joins again as it was.
            #expect(try follower.join().generation == 2)
            #expect(try leader.heartbeat() == .none)
            try leader.sendJoin()
            waitUntil { (try? follower.heartbeat()) == .rebalanceInProgress }
            #expect(try follower.join().leader == leader.id)
            #expect(try leader.joined().generation == 3)
        }
    }

    @Test func behaviour13CoordinatorIsTheBrokerOfMetadata() throws {
        try withServer { broker, client in
            let metadata = try client.call(MetadataRequest(topics: nil), version: 12, MetadataResponse.self).brokers[0]
            for version in Int16(0)...6 {
                for type in version == 0 ? [Int8(0)] : [0, 1] {
                    let response = try client.call(
                        FindCoordinatorRequest(keyType: type, keys: version < 4 ? ["a"] : ["a", "b"]),
                        version: version, FindCoordinatorResponse.self)
                    #expect(response.coordinators.count == (version < 4 ? 1 : 2))
                    for found in response.coordinators {
                        #expect(found.errorCode == .none && found.nodeID == metadata.nodeID)
                        #expect(found.host == metadata.host && found.port == metadata.port)
                    }
                    if version >= 4 { #expect(response.coordinators.map(\.key) == ["a", "b"]) }
                }
            }
            func share(_ key: String, _ version: Int16) throws -> ErrorCode {
                let request = FindCoordinatorRequest(keyType: 2, keys: [key])
                return try client.call(request, version: version, FindCoordinatorResponse.self).coordinators[0]
                    .errorCode
            }
            #expect(try share("g:AAAAAAAAAAAAAAAAAAAAAA:0", 6) == .none)
            #expect(try share("g", 6) == .invalidRequest)
            #expect(try share("g:AAAAAAAAAAAAAAAAAAAAAA:0", 5) == .invalidRequest)
        }
    }

    @Test func behaviour15StatesAreSpelledAsKafkaDoes() throws {
        try withServer { broker, client in
            #expect(try client.describe("g").state == "Dead" && client.describe("g").errorCode == .none)
            let missing = try client.describe("g", version: 6)
            #expect(missing.errorCode == .groupIDNotFound && missing.errorMessage?.contains("g") == true)
            var first = try TestMember(broker, "g")
            _ = try first.join()
            #expect(try client.describe("g").state == "CompletingRebalance")
            #expect(try client.describe("g").protocolData == "" && client.describe("g").members[0].metadata == [])
            _ = try first.sync([first.id: [1]])
            let stable = try client.describe("g")
            #expect(stable.state == "Stable" && stable.protocolType == "consumer" && stable.protocolData == "range")
            #expect(stable.members[0].assignment == [1] && stable.members[0].clientHost == "/127.0.0.1")
            #expect(stable.members[0].clientID == "test" && stable.members[0].memberID.hasPrefix("test-"))
            #expect(stable.authorizedOperations == .min)
            let second = try TestMember(broker, "g")
            try second.sendJoin(version: 3)
            waitUntil { (try? client.describe("g").state) == "PreparingRebalance" }
            #expect(try TestMember(broker, "simple").commit(1) == .none)
            #expect(try client.describe("simple").state == "Empty")
            #expect(try client.list().map(\.groupID) == ["g", "simple"])
            #expect(try client.list().map(\.state) == ["PreparingRebalance", "Empty"])
            #expect(try client.list().map(\.type) == ["classic", "classic"])
            #expect(try client.list(states: ["empty", "Dead"]).map(\.groupID) == ["simple"])
            #expect(try client.list(types: ["Classic"]).count == 2 && client.list(types: ["consumer"]).isEmpty)
            #expect(try client.list(version: 0).count == 2)
        }
    }

    @Test func streamsTellOfGroups() throws {
        try withServer { broker, client in
            let streams = broker.streams
            #expect(try streams.groups().isEmpty && streams.group("g") == nil)
            var member = try TestMember(broker, "g", instance: "i")
            _ = try member.join()
            // Topic T, partitions 0 and 3.
            let assignment: [UInt8] = [0, 0, 0, 0, 0, 1, 0, 1, 84, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0]
            _ = try member.sync([member.id: assignment])
            #expect(try member.commit(7) == .none)
            #expect(try streams.groups() == [StreamGroupListing(name: "g", state: .stable)])
            let described = try #require(try streams.group("g"))
            #expect(described.state == .stable && described.assignor == "range" && described.members.count == 1)
            let told = described.members[0]
            #expect(told.id == member.id && told.instanceID == "i" && told.host == "/127.0.0.1")
            #expect(told.partitions == [TopicPartition("T", 0), TopicPartition("T", 3)])
            #expect(try streams.committedOffsets(group: "g") == [TopicPartition("T", 0): 7])
            #expect(throws: StreamError.self) { try streams.deleteGroup("g") }
            #expect(try member.leave() == .none)
            #expect(try streams.group("g")?.state == .empty)
            try streams.commit(group: "g", [TopicPartition("T", 0): 2])
            #expect(try client.committed("g") == 2)
            try streams.deleteGroup("g")
            #expect(try streams.groups().isEmpty)
            #expect(throws: StreamError.self) { try streams.deleteGroup("g") }
        }
    }

    @Test func groupsAndOffsetsAreDeleted() throws {
        let directory = TemporaryDirectory()
        func delete(_ client: TestClient, _ groups: [String]) throws -> [ErrorCode] {
            try client.call(DeleteGroupsRequest(groups: groups), version: 2, DeleteGroupsResponse.self)
                .results.map(\.errorCode)
        }
        func forget(_ client: TestClient, _ group: String, _ topic: String) throws -> [ErrorCode] {
            let request = OffsetDeleteRequest(
                groupID: group,
                topics: [OffsetDeleteRequest.Topic(name: topic, partitions: [OffsetDeleteRequest.Partition(index: 0)])])
            let response = try client.call(request, version: 0, OffsetDeleteResponse.self)
            return response.errorCode == .none ? response.topics[0].partitions.map(\.errorCode) : [response.errorCode]
        }
        try withServer(directory) { broker, client in
            try broker.streams.createTopic(TopicSpecification("U"))
            var member = try TestMember(broker, "g")
            _ = try member.join()
            _ = try member.sync([member.id: [1]])
            #expect(try member.commit(5) == .none && member.commit(6, topic: "U") == .none)
            #expect(try delete(client, ["g", "none", ""]) == [.nonEmptyGroup, .groupIDNotFound, .invalidGroupID])
            #expect(try forget(client, "g", "T") == [.groupSubscribedToTopic])
            #expect(try forget(client, "g", "U") == [.none])
            #expect(try forget(client, "g", "V") == [.unknownTopicOrPartition])
            #expect(try forget(client, "none", "T") == [.groupIDNotFound])
            #expect(try client.committed("g") == 5 && client.committed("g", topic: "U") == -1)
            #expect(try member.leave() == .none)
            #expect(try delete(client, ["g"]) == [.none])
            #expect(try client.committed("g") == -1 && client.list().isEmpty)
            let simple = try TestMember(broker, "s")
            #expect(try simple.commit(1) == .none)
            #expect(try forget(client, "s", "T") == [.none])
            #expect(try delete(client, ["s"]) == [.groupIDNotFound])
        }
        try withServer(directory) { _, client in
            let listed = try client.list()
            #expect(listed.isEmpty)
        }
    }

    @Test func groupsOfRandomNamesLeaveNothing() throws {
        let directory = TemporaryDirectory()
        let metrics = Metrics()
        try withBroker(directory, metrics: metrics) { broker in
            try broker.start()
            try broker.streams.createTopic(TopicSpecification("T"))
            let client = try TestClient(broker.addresses[0])
            for index in 0..<500 {
                var member = try TestMember(broker, "random-\(index)")
                _ = try member.join()
                _ = try member.sync([member.id: [1]])
                if index == 250 { #expect(try member.commit(1) == .none) }
                #expect(try member.leave() == .none)
            }
            #expect(try client.list().map(\.groupID) == ["random-250"])
            let text = metrics.prometheusText()
            #expect(text.contains("sluice_groups{state=\"Empty\"} 1"))
            #expect(text.contains("sluice_group_members 0"))
            #expect(text.contains("sluice_group_committed_offsets 1"))
            let labels = "{group=\"random-250\",partition=\"0\",topic=\"T\"}"
            #expect(text.contains("sluice_group_committed_offset\(labels) 1"))
            #expect(text.contains("sluice_group_lag_records\(labels) 0"))
        }
        try withServer(directory) { _, client in
            let listed = try client.list()
            #expect(listed.map(\.groupID) == ["random-250"])
        }
    }
}

/// Waits up to ten seconds for a condition, asking again and again.
func waitUntil(_ condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) {
    let clock = SystemClock()
    let deadline = clock.monotonicNanoseconds + 10_000_000_000
    let pause = Condition(())
    while !condition() {
        guard clock.monotonicNanoseconds < deadline else {
            Issue.record("the condition did not come about", sourceLocation: sourceLocation)
            return
        }
        _ = pause.wait(milliseconds: 5) { _ -> Bool? in nil }
    }
}
