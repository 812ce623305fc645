import Bytes
import TestSupport
import Testing

@testable import Broker

@Suite struct GroupRecordTests {
    static let group = StoredClassicGroup(
        protocolType: "c", generation: 3, protocolName: "r", leader: "a", stateSinceMilliseconds: 9,
        members: [
            StoredClassicGroup.Member(
                id: "a", instanceID: nil, clientID: "i", clientHost: "/h", rebalanceTimeoutMilliseconds: 5,
                sessionTimeoutMilliseconds: 6, subscription: [1, 2], assignment: [3])
        ])

    @Test func hasKafkasLayout() throws {
        #expect(GroupRecord.key("g") == [0, 2, 0, 1, 103])
        #expect(try GroupRecord.key("g").parsed(GroupRecord.parseKey) == "g")
        let value = GroupRecord.value(Self.group)
        let head: [UInt8] = [0, 3, 0, 1, 99, 0, 0, 0, 3, 0, 1, 114, 0, 1, 97, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1]
        let member: [UInt8] =
            [0, 1, 97, 255, 255, 0, 1, 105, 0, 2, 47, 104, 0, 0, 0, 5, 0, 0, 0, 6]
            + [0, 0, 0, 2, 1, 2, 0, 0, 0, 1, 3]
        #expect(value == head + member)
        #expect(try value.parsed(GroupRecord.parseValue) == Self.group)
        var empty = Self.group
        (empty.protocolName, empty.leader, empty.members) = (nil, nil, [])
        #expect(try GroupRecord.value(empty).parsed(GroupRecord.parseValue) == empty)
    }

    @Test func everyTruncationIsAnError() {
        let value = GroupRecord.value(Self.group)
        for count in 0..<value.count {
            #expect(throws: DecodeError.self) { try Array(value.prefix(count)).parsed(GroupRecord.parseValue) }
        }
        let key = GroupRecord.key("g")
        for count in 0..<key.count {
            #expect(throws: DecodeError.self) { try Array(key.prefix(count)).parsed(GroupRecord.parseKey) }
        }
    }

    @Test func olderVersionsAreRead() throws {
        // Version 0: without state's time, rebalance timeout and instance id.
        let bytes: [UInt8] =
            [0, 0, 0, 1, 99, 0, 0, 0, 3, 0, 1, 114, 0, 1, 97, 0, 0, 0, 1]
            + [0, 1, 97, 0, 1, 105, 0, 2, 47, 104, 0, 0, 0, 6, 0, 0, 0, 2, 1, 2, 0, 0, 0, 1, 3]
        var expected = Self.group
        expected.stateSinceMilliseconds = -1
        expected.members[0].rebalanceTimeoutMilliseconds = 6
        #expect(try bytes.parsed(GroupRecord.parseValue) == expected)
        #expect(throws: DecodeError.self) { try ([0, 9] as [UInt8]).parsed(GroupRecord.parseValue) }
    }

    @Test func theFlexibleVersionIsRead() throws {
        let head: [UInt8] = [0, 4, 2, 99, 0, 0, 0, 3, 2, 114, 2, 97, 0, 0, 0, 0, 0, 0, 0, 9, 2]
        let member: [UInt8] = [2, 97, 0, 2, 105, 3, 47, 104, 0, 0, 0, 5, 0, 0, 0, 6, 3, 1, 2, 2, 3, 1, 7, 1, 0]
        // One unknown tagged field in the member, none behind the group.
        let bytes = head + member + [0]
        #expect(try bytes.parsed(GroupRecord.parseValue) == Self.group)
        for count in 0..<bytes.count - 1 {
            #expect(throws: DecodeError.self) { try Array(bytes.prefix(count)).parsed(GroupRecord.parseValue) }
        }
        let offset: [UInt8] = [0, 4, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1, 2, 109, 0, 0, 0, 0, 0, 0, 0, 9, 0]
        let expected = CommittedOffset(offset: 7, leaderEpoch: 1, metadata: "m", committedMilliseconds: 9)
        #expect(try offset.parsed(OffsetRecord.parseValue) == expected)
    }

    @Test func assignmentsAreRead() throws {
        let bytes: [UInt8] = [0, 1, 0, 0, 0, 1, 0, 1, 84, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0]
        let partitions = try bytes.parsed(ConsumerAssignment.partitions)
        #expect(partitions == [.init(topic: "T", partition: 3), .init(topic: "T", partition: 0)])
        for count in 0..<bytes.count {
            #expect(throws: DecodeError.self) { try Array(bytes.prefix(count)).parsed(ConsumerAssignment.partitions) }
        }
        let hostile: [UInt8] = [0, 1, 0x7f, 0xff, 0xff, 0xff, 0, 1, 84]
        #expect(throws: DecodeError.self) { try hostile.parsed(ConsumerAssignment.partitions) }
    }
}

@Suite struct DeadlineQueueTests {
    @Test func givesKeysInTheOrderOfTheirDeadlines() {
        var generator = SplitMix(3)
        var queue = DeadlineQueue<Int>()
        let deadlines = (0..<500).map { _ in Int64.random(in: 0..<100, using: &generator) }
        for (key, deadline) in deadlines.enumerated() { queue.insert(key, at: deadline) }
        queue.filter { _, key in key % 3 != 0 }
        #expect(queue.popDue(at: -1) == nil)
        var seen: [Int64] = []
        var keys: Set<Int> = []
        while let (deadline, key) = queue.popDue(at: 49) {
            #expect(deadlines[key] == deadline && keys.insert(key).inserted)
            seen.append(deadline)
        }
        #expect(seen == seen.sorted())
        #expect(keys == Set(deadlines.indices.filter { $0 % 3 != 0 && deadlines[$0] <= 49 }))
        #expect(queue.first ?? .max > 49)
    }
}
