import Broker
import Bytes
import KafkaWire
import Streams
import System
import TestSupport
import Testing

/// A consumer of the classic protocol as clients are: cooperative, it joins again when it is told to.
private struct ClassicConsumer {
    let client: TestClient
    var id = ""
    var generation: Int32 = -1
    var instance: String?
    let assignor: String
    /// What it reads.
    var owned: Set<Int32> = []
    private var mustJoin = true

    init(_ broker: Broker, instance: String? = nil, assignor: String = "cooperative-sticky") throws {
        client = try TestClient(broker.addresses[0])
        self.instance = instance
        self.assignor = assignor
    }

    /// Its subscription, in the version that tells what it has.
    private var metadata: [UInt8] {
        var writer = ByteWriter()
        writer.int16(1)
        writer.kafkaCount(1, flexible: false)
        writer.kafkaString("T", flexible: false)
        writer.kafkaCount(nil, flexible: false)
        writer.kafkaCount(owned.isEmpty ? 0 : 1, flexible: false)
        if !owned.isEmpty {
            writer.kafkaString("T", flexible: false)
            writer.kafkaCount(owned.count, flexible: false)
            for partition in owned.sorted() { writer.int32(partition) }
        }
        return writer.array
    }

    static func assignment(_ partitions: [Int32], data: [UInt8] = []) -> [UInt8] {
        var writer = ByteWriter()
        writer.int16(1)
        writer.kafkaCount(1, flexible: false)
        writer.kafkaString("T", flexible: false)
        writer.kafkaCount(partitions.count, flexible: false)
        for partition in partitions { writer.int32(partition) }
        writer.kafkaCount(data.count, flexible: false)
        writer.append(data)
        return writer.array
    }

    private static func partitions(_ bytes: [UInt8]) throws -> Set<Int32> {
        try bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            _ = try reader.int16()
            var partitions: Set<Int32> = []
            for _ in 0..<(try reader.kafkaCount(flexible: false) ?? 0) {
                _ = try reader.kafkaString(flexible: false)
                for _ in 0..<(try reader.kafkaCount(flexible: false) ?? 0) { partitions.insert(try reader.int32()) }
            }
            return partitions
        }
    }

    var request: JoinGroupRequest {
        JoinGroupRequest(
            groupID: "g", sessionTimeoutMilliseconds: 10_000, rebalanceTimeoutMilliseconds: 60_000, memberID: id,
            groupInstanceID: instance, protocolType: "consumer",
            protocols: [.init(name: assignor, metadata: metadata)])
    }

    mutating func join() throws -> JoinGroupResponse {
        var response = try client.call(request, version: 9, JoinGroupResponse.self)
        if response.errorCode == .memberIDRequired {
            id = response.memberID
            response = try client.call(request, version: 9, JoinGroupResponse.self)
        }
        if response.errorCode == .none { (id, generation) = (response.memberID, response.generation) }
        return response
    }

    func heartbeat() throws -> ErrorCode {
        let request = HeartbeatRequest(groupID: "g", generation: generation, memberID: id, groupInstanceID: instance)
        return try client.call(request, version: 4, HeartbeatResponse.self).errorCode
    }

    func sync(_ assignments: [String: [UInt8]] = [:]) throws -> SyncGroupResponse {
        let request = SyncGroupRequest(
            groupID: "g", generation: generation, memberID: id, groupInstanceID: instance,
            protocolType: "consumer", protocolName: assignor,
            assignments: assignments.map { SyncGroupRequest.Assignment(memberID: $0.key, assignment: $0.value) })
        return try client.call(request, version: 5, SyncGroupResponse.self)
    }

    func commit(_ generation: Int32) throws -> ErrorCode {
        let request = OffsetCommitRequest(
            groupID: "g", generation: generation, memberID: id, groupInstanceID: instance,
            topics: [.init(name: "T", partitions: [.init(index: 0, offset: 1)])])
        return try client.call(request, version: 8, OffsetCommitResponse.self).topics[0].partitions[0].errorCode
    }

    func leave() throws -> ErrorCode {
        let request = LeaveGroupRequest(groupID: "g", members: [.init(memberID: id, groupInstanceID: instance)])
        return try client.call(request, version: 5, LeaveGroupResponse.self).members[0].errorCode
    }

    /// One heartbeat, and what its answer asks for.
    mutating func step() throws {
        if !mustJoin {
            let code = try heartbeat()
            if code == .none { return }
            #expect([.rebalanceInProgress, .illegalGeneration, .unknownMemberID].contains(code))
            if code == .unknownMemberID { id = "" }
        }
        let joined = try join()
        mustJoin = joined.errorCode != .none
        if mustJoin { return }
        #expect(joined.leader != id, "the broker assigns")
        let synced = try sync()
        guard synced.errorCode == .none else {
            #expect(synced.errorCode == .rebalanceInProgress)
            mustJoin = true
            return
        }
        let assigned = try Self.partitions(synced.assignment)
        // Who has given something up says so.
        mustJoin = !owned.isSubset(of: assigned)
        owned = assigned
    }

    /// A member of a classic group, which is led by one of them.
    mutating func settled(at partitions: [Int32]) {
        owned = Set(partitions)
        mustJoin = false
    }
}

/// A consumer of the new protocol.
private struct NewConsumer {
    let client: TestClient
    let id: String
    var epoch: Int32 = 0
    var owned: Set<Int32> = []
    private var topic: UUID = .zero

    init(_ broker: Broker, _ id: String) throws {
        client = try TestClient(broker.addresses[0])
        self.id = id
    }

    @discardableResult
    mutating func step() throws -> ErrorCode {
        let listed = ConsumerGroupTopicPartitions(topicID: topic, partitions: owned.sorted())
        var request = ConsumerGroupHeartbeatRequest(
            groupID: "g", memberID: id, memberEpoch: epoch, topicPartitions: owned.isEmpty ? [] : [listed])
        if epoch == 0 { (request.rebalanceTimeoutMilliseconds, request.subscribedTopicNames) = (60_000, ["T"]) }
        let response = try client.call(request, version: 1, ConsumerGroupHeartbeatResponse.self)
        guard response.errorCode == .none else { return response.errorCode }
        epoch = response.memberEpoch
        if let assignment = response.assignment {
            owned = Set(assignment.topicPartitions.flatMap(\.partitions))
            topic = assignment.topicPartitions.first?.topicID ?? topic
        }
        return .none
    }

    mutating func leave() throws {
        let request = ConsumerGroupHeartbeatRequest(groupID: "g", memberID: id, memberEpoch: -1)
        let code = try client.call(request, version: 1, ConsumerGroupHeartbeatResponse.self).errorCode
        #expect(code == .none)
    }
}

/// Groups that go over from one protocol to the other while their members live (KIP-848).
@Suite struct GroupMigrationTests {
    private let directory = TemporaryDirectory()

    private func with(
        _ change: (inout BrokerOptions) -> Void = { _ in }, _ body: (Broker, TestClient) throws -> Void
    ) throws {
        try withBroker(directory, change) { broker in
            try broker.start()
            if try broker.streams.topic("T") == nil {
                try broker.streams.createTopic(TopicSpecification("T", partitionCount: 4))
            }
            try body(broker, try TestClient(broker.addresses[0]))
        }
    }

    /// Two members of a classic group, of which one has led.
    private func classicPair(
        _ broker: Broker, assignor: String = "cooperative-sticky", data: [UInt8] = []
    ) throws -> [ClassicConsumer] {
        var (a, b) = (
            try ClassicConsumer(broker, assignor: assignor), try ClassicConsumer(broker, assignor: assignor)
        )
        _ = try a.join()
        _ = try a.sync([a.id: ClassicConsumer.assignment([0, 1, 2, 3])])
        // The second is told its id, the first hears of it, and both join.
        b.id = try b.client.call(b.request, version: 9, JoinGroupResponse.self).memberID
        try b.client.send(b.request, version: 9)
        while try a.heartbeat() != .rebalanceInProgress {}
        let joined = try a.join()
        let bytes = try #require(try b.client.answer(.joinGroup, version: 9))
        let other = try bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            return try JoinGroupResponse(decoding: &reader, version: 9)
        }
        b.generation = other.generation
        #expect(joined.errorCode == .none && joined.leader == a.id && other.generation == joined.generation)
        let assignments = [
            a.id: ClassicConsumer.assignment([0, 1], data: data), b.id: ClassicConsumer.assignment([2, 3], data: data),
        ]
        #expect(try a.sync(assignments).errorCode == .none)
        #expect(try b.sync().errorCode == .none)
        a.settled(at: [0, 1])
        b.settled(at: [2, 3])
        return [a, b]
    }

    private func describe(_ client: TestClient) throws -> ConsumerGroupDescribeResponse.Group {
        let request = ConsumerGroupDescribeRequest(groupIDs: ["g"])
        return try client.call(request, version: 1, ConsumerGroupDescribeResponse.self).groups[0]
    }

    private func kind(_ client: TestClient) throws -> String? {
        try client.call(ListGroupsRequest(), version: 5, ListGroupsResponse.self).groups.first?.type
    }

    /// Lets everybody speak until each partition has one reader and all have as many as that allows.
    private func settle(_ classic: inout [ClassicConsumer], _ new: inout [NewConsumer]) throws {
        for _ in 0..<50 {
            for index in classic.indices { try classic[index].step() }
            for index in new.indices { #expect(try new[index].step() == .none) }
            let all = classic.map(\.owned) + new.map(\.owned)
            #expect(all.reduce(0) { $0 + $1.count } <= 4, "no partition has two readers")
            let (least, most) = (all.map(\.count).min() ?? 0, all.map(\.count).max() ?? 0)
            let read = all.reduce(into: Set()) { $0.formUnion($1) }
            if read.count == 4, most - least <= 1 { return }
        }
        Issue.record("not settled: \(classic.map(\.owned)) \(new.map(\.owned))")
    }

    @Test func membersComeOverAndGoBackWithoutLosingTheirPlace() throws {
        var classic: [ClassicConsumer] = []
        var new: [NewConsumer] = []
        try with { broker, client in
            classic = try classicPair(broker)
            #expect(try kind(client) == "classic")
            new = [try NewConsumer(broker, "n")]
            #expect(try new[0].step() == .none)
            #expect(try kind(client) == "consumer")
            // What the classic members have they keep until they join again.
            #expect(new[0].owned.isEmpty)
            #expect(try classic[0].heartbeat() == .rebalanceInProgress)
            try settle(&classic, &new)
            let described = try describe(client)
            #expect(described.state == "Stable" && described.members.map(\.memberType).sorted() == [0, 0, 1])
            #expect(try classic[0].commit(classic[0].generation) == .none)
            #expect(try classic[0].commit(classic[0].generation + 1) == .illegalGeneration)
        }
        // A restart in between: everybody is still who they were.
        try with { broker, client in
            classic = try classic.map { former in
                var member = try ClassicConsumer(broker)
                (member.id, member.generation) = (former.id, former.generation)
                member.settled(at: former.owned.sorted())
                return member
            }
            var member = try NewConsumer(broker, "n")
            member.epoch = 0
            new = [member]
            try settle(&classic, &new)
            // One of the classic members starts again with the new protocol, and then the other.
            for index in 0..<2 {
                #expect(try classic.removeFirst().leave() == .none)
                new.append(try NewConsumer(broker, "n\(index)"))
                try settle(&classic, &new)
            }
            #expect(try describe(client).members.map(\.memberType) == [1, 1, 1])
            // And back.
            for _ in 0..<2 { classic.append(try ClassicConsumer(broker)) }
            try settle(&classic, &new)
            #expect(try kind(client) == "consumer")
            while !new.isEmpty {
                var gone = new.removeLast()
                try gone.leave()
                let expected = new.isEmpty ? "classic" : "consumer"
                #expect(try kind(client) == expected)
            }
            let group = try client.call(
                DescribeGroupsRequest(groups: ["g"]), version: 5, DescribeGroupsResponse.self
            ).groups[0]
            #expect(group.state == "PreparingRebalance" && group.members.count == 2)
            #expect(try classic[0].heartbeat() != .none)
        }
        try with { broker, client in
            let found = try kind(client)
            #expect(found == "classic", "the records of both kinds do not mix")
        }
    }

    @Test func staticMembersComeOver() throws {
        try with { broker, client in
            var old = try ClassicConsumer(broker, instance: "i")
            _ = try old.join()
            #expect(try old.sync([old.id: ClassicConsumer.assignment([0, 1, 2, 3])]).errorCode == .none)
            old.settled(at: [0, 1, 2, 3])
            // It starts again with the new protocol; a member of the classic one never says that it goes away.
            let joining = ConsumerGroupHeartbeatRequest(
                groupID: "g", memberID: "n", instanceID: "i", rebalanceTimeoutMilliseconds: 60_000,
                subscribedTopicNames: ["T"], topicPartitions: [])
            let response = try client.call(joining, version: 1, ConsumerGroupHeartbeatResponse.self)
            #expect(response.errorCode == .none)
            #expect(response.assignment?.topicPartitions.map(\.partitions) == [[0, 1, 2, 3]])
            #expect(try old.heartbeat() == .fencedInstanceID)
            #expect(try describe(client).members.map(\.instanceID) == ["i"])
            // And back, in the place of the other: then all speak the classic protocol.
            var again = try ClassicConsumer(broker, instance: "i")
            #expect(try again.join().errorCode == .none)
            #expect(try kind(client) == "classic")
        }
    }

    @Test(arguments: [GroupMigrationPolicy.disabled, .downgrade])
    func classicGroupsStayWhereTheyMayNotGoOver(_ policy: GroupMigrationPolicy) throws {
        try with({ $0.groups.migrationPolicy = policy }) { broker, client in
            let classic = try classicPair(broker)
            var new = try NewConsumer(broker, "n")
            #expect(try new.step() == .groupIDNotFound)
            #expect(try classic[0].heartbeat() == .none)
            #expect(try kind(client) == "classic")
        }
    }

    @Test(arguments: [GroupMigrationPolicy.upgrade, .disabled])
    func newGroupsStayWhereTheyMayNotGoBack(_ policy: GroupMigrationPolicy) throws {
        try with({ $0.groups.migrationPolicy = policy }) { broker, client in
            var new = [try NewConsumer(broker, "n")]
            #expect(try new[0].step() == .none)
            var classic = [try ClassicConsumer(broker)]
            try settle(&classic, &new)
            try new[0].leave()
            new = []
            #expect(try kind(client) == "consumer")
            // The one that is left still gets everything.
            try settle(&classic, &new)
            #expect(try classic[0].leave() == .none)
        }
    }

    @Test func assignorsOfAnotherKindCannotBeReplaced() throws {
        try with { broker, client in
            let classic = try classicPair(broker, assignor: "own", data: [1, 2, 3])
            var new = try NewConsumer(broker, "n")
            #expect(try new.step() == .groupIDNotFound)
            #expect(try classic[0].heartbeat() == .none)
            #expect(try kind(client) == "classic")
        }
    }

    /// librdkafka's sticky assignors send each member its own subscription data back.
    @Test func dataOfACommonAssignorSaysNothing() throws {
        try with { broker, client in
            var classic = try classicPair(broker, data: [1, 2, 3])
            var new = [try NewConsumer(broker, "n")]
            #expect(try new[0].step() == .none)
            try settle(&classic, &new)
            #expect(try kind(client) == "consumer")
        }
    }

    @Test func whoWaitsInAClassicGroupIsToldToJoinAnew() throws {
        try with { broker, client in
            let first = try classicPair(broker)
            // A third waits for the others to join.
            var third = try ClassicConsumer(broker)
            third.id = try third.client.call(third.request, version: 9, JoinGroupResponse.self).memberID
            try third.client.send(third.request, version: 9)
            while try first[0].heartbeat() != .rebalanceInProgress {}
            var new = [try NewConsumer(broker, "n")]
            #expect(try new[0].step() == .none)
            let bytes = try #require(try third.client.answer(.joinGroup, version: 9))
            let code = try bytes.withUnsafeBytes { raw in
                var reader = ByteReader(raw)
                return try JoinGroupResponse(decoding: &reader, version: 9).errorCode
            }
            #expect(code == .rebalanceInProgress)
            var classic = first + [third]
            try settle(&classic, &new)
            #expect(try describe(client).members.count == 4)
        }
    }
}
