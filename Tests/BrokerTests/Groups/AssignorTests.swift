import Bytes
import TestSupport
import Testing

@testable import Broker

/// Members and topics of a group, as an assignor sees them.
struct AssignorCase {
    var members: [ServerAssignor.Member]
    var partitionCounts: [UUID: Int32]

    static func topic(_ number: Int) -> UUID { UUID(high: 7, low: UInt64(number)) }

    /// Members that want the topics of these numbers, which have these counts.
    init(_ wishes: [[Int]], counts: [Int32]) {
        partitionCounts = [:]
        for (index, count) in counts.enumerated() { partitionCounts[Self.topic(index)] = count }
        members = wishes.enumerated().map { index, topics in
            ServerAssignor.Member(id: "m\(index)", topics: Set(topics.map(Self.topic)))
        }
    }

    /// A case of up to `size` members and topics.
    static func random(_ generator: inout SplitMix, size: Int, isUniform: Bool) -> AssignorCase {
        let counts = (0..<Int.random(in: 1...size, using: &generator)).map { _ in
            Int32.random(in: 1...8, using: &generator)
        }
        let all = Array(counts.indices)
        let wishes = (0..<Int.random(in: 1...size, using: &generator)).map { _ in
            isUniform ? all : all.filter { _ in Bool.random(using: &generator) }
        }
        return AssignorCase(wishes, counts: counts)
    }

    func assigned(by assignor: ServerAssignor) -> [String: PartitionAssignment] {
        assignor.assign(members, partitionCounts)
    }

    /// The same members, which have what they were given.
    func keeping(_ assignment: [String: PartitionAssignment]) -> AssignorCase {
        var other = self
        for index in other.members.indices {
            other.members[index].current = assignment[other.members[index].id] ?? PartitionAssignment()
        }
        return other
    }

    /// Whether every wanted partition went to one member that wants it, and nothing else to anybody.
    func isComplete(_ assignment: [String: PartitionAssignment]) -> Bool {
        var open = PartitionAssignment()
        for topic in Set(members.flatMap(\.topics)) { open.insert(topic, 0..<partitionCounts[topic]!) }
        guard Set(assignment.keys) == Set(members.map(\.id)) else { return false }
        for member in members {
            let got = assignment[member.id]!
            guard got.isSubset(of: open), Set(got.byTopic.keys).isSubset(of: member.topics) else { return false }
            open = open.subtracting(got)
        }
        return open.isEmpty
    }

    /// Whether some way leads from a member over shared topics to one that has at least two partitions less.
    func canBeMoreEven(_ assignment: [String: PartitionAssignment]) -> Bool {
        members.contains { source in
            var reached: Set<String> = [source.id]
            var pending = [source.id]
            while let id = pending.popLast() {
                for topic in assignment[id]!.byTopic.keys {
                    for other in members where other.topics.contains(topic) && reached.insert(other.id).inserted {
                        pending.append(other.id)
                    }
                }
            }
            return reached.contains { assignment[$0]!.count <= assignment[source.id]!.count - 2 }
        }
    }
}

@Suite struct AssignorTests {
    @Test(arguments: ServerAssignor.allCases, [true, false])
    func everyWantedPartitionGoesToOneMemberThatWantsIt(_ assignor: ServerAssignor, _ isUniform: Bool) {
        var generator = SplitMix(11)
        for _ in 0..<200 {
            var group = AssignorCase.random(&generator, size: 7, isUniform: isUniform)
            let first = group.assigned(by: assignor)
            #expect(group.isComplete(first))
            group = group.keeping(first)
            // A member goes, another comes, a topic grows.
            group.members.removeFirst()
            group.members.append(ServerAssignor.Member(id: "new", topics: Set(group.partitionCounts.keys)))
            group.partitionCounts[group.partitionCounts.keys.min()!]! += 3
            #expect(group.isComplete(group.assigned(by: assignor)))
        }
    }

    @Test func noMembersGetNothing() {
        for assignor in ServerAssignor.allCases { #expect(assignor.assign([], [:]).isEmpty) }
    }

    @Test func uniformIsEvenAndMovesAsLittleAsPossible() {
        var generator = SplitMix(12)
        for _ in 0..<300 {
            var group = AssignorCase.random(&generator, size: 8, isUniform: true)
            group = group.keeping(group.assigned(by: .uniform))
            let leaving = Int.random(in: 0..<group.members.count, using: &generator)
            if group.members.count > 1 { group.members.remove(at: leaving) }
            let topics = Set(group.partitionCounts.keys)
            for index in 0..<Int.random(in: 0...2, using: &generator) {
                group.members.append(ServerAssignor.Member(id: "n\(index)", topics: topics))
            }
            let assignment = group.assigned(by: .uniform)
            let counts = assignment.values.map(\.count)
            #expect(counts.max()! - counts.min()! <= 1)
            let kept = group.members.reduce(0) { $0 + assignment[$1.id]!.intersection($1.current).count }
            let total = group.partitionCounts.values.reduce(0) { $0 + Int($1) }
            let (share, extras) = total.quotientAndRemainder(dividingBy: group.members.count)
            let keepable = group.members.map(\.current.count).sorted(by: >).enumerated().reduce(0) {
                $0 + min($1.element, share + ($1.offset < extras ? 1 : 0))
            }
            #expect(kept == keepable)
            #expect(group.keeping(assignment).assigned(by: .uniform) == assignment)
        }
    }

    @Test func uniformDealsTopicsOut() {
        let assignment = AssignorCase([[0, 1], [0, 1]], counts: [4, 4]).assigned(by: .uniform)
        for member in assignment.values { #expect(member.byTopic.values.map(\.count) == [2, 2]) }
    }

    @Test func uniformIsAsEvenAsMixedWishesAllow() {
        var generator = SplitMix(13)
        for _ in 0..<300 {
            var group = AssignorCase.random(&generator, size: 8, isUniform: false)
            group = group.keeping(group.assigned(by: .uniform))
            if group.members.count > 1 { group.members.removeLast() }
            group.members[0].topics = Set(group.partitionCounts.keys)
            let assignment = group.assigned(by: .uniform)
            #expect(group.isComplete(assignment))
            #expect(!group.canBeMoreEven(assignment))
            #expect(group.keeping(assignment).assigned(by: .uniform) == assignment)
        }
    }

    @Test func partitionsArePassedOnOverMembersInBetween() {
        // The first member can only be relieved by way of the second.
        var group = AssignorCase([[0], [0, 1], [1]], counts: [9, 3])
        let all = { (topic: Int, range: Range<Int32>) in
            var assignment = PartitionAssignment()
            assignment.insert(AssignorCase.topic(topic), range)
            return assignment
        }
        group = group.keeping(["m0": all(0, 0..<9), "m1": all(1, 0..<3), "m2": PartitionAssignment()])
        let counts = group.assigned(by: .uniform).mapValues(\.count)
        #expect(counts["m2"] == 3 && counts.values.sorted() == [3, 4, 5])
    }

    @Test func rangeGivesTheSameRangesOfEqualTopics() {
        let assignment = AssignorCase([[0, 1], [0, 1]], counts: [3, 3]).assigned(by: .range)
        for topic in [0, 1].map(AssignorCase.topic) {
            #expect(assignment["m0"]?.byTopic[topic] == [0, 1])
            #expect(assignment["m1"]?.byTopic[topic] == [2])
        }
    }

    @Test func rangeFollowsStaticIDs() {
        var group = AssignorCase([[0], [0]], counts: [3])
        let first = group.assigned(by: .range)
        group.members[0].instanceID = "b"
        group.members[1].instanceID = "a"
        let second = group.assigned(by: .range)
        #expect(second["m0"] == first["m1"] && second["m1"] == first["m0"])
    }

    @Test func manyMembersAndPartitionsAreAssigned() {
        let topics = Array(0..<40)
        let wishes = (0..<100).map { member in topics.filter { ($0 + member) % 3 != 0 } }
        let group = AssignorCase(wishes, counts: Array(repeating: 50, count: 40))
        let assignment = group.assigned(by: .uniform)
        #expect(group.isComplete(assignment) && !group.canBeMoreEven(assignment))
    }
}
