import Bytes
import KafkaWire

/// Spreads partitions over members that want different topics, as evenly as their wishes allow.
///
/// Members keep what they have and still want; what is free goes to those that have least; then partitions are passed on
/// as long as that makes it more even: from a member over others to one that has at least two less, along the shortest
/// chain of topics that they share. When there is no such chain, no other assignment is more even (Harvey et al.,
/// "Semi-matchings for bipartite graphs and load balancing").
struct MixedUniformAssignor {
    /// Looks at members in the search for chains; beyond it the assignment stays as it is, complete but less even.
    private static let searchStepsMax = 4_000_000

    /// Wanting members by topic, as indexes.
    private var wanting: [UUID: [Int]] = [:]
    /// What each member is to have.
    private var assignments: [PartitionAssignment]
    /// How many partitions each member is to have.
    private var loads: [Int]
    private var searchSteps = 0

    static func assign(
        _ members: [ServerAssignor.Member], _ partitionCounts: [UUID: Int32]
    ) -> [String: PartitionAssignment] {
        var assignor = MixedUniformAssignor(memberCount: members.count)
        assignor.place(members, partitionCounts)
        assignor.balance()
        return Dictionary(uniqueKeysWithValues: zip(members.map(\.id), assignor.assignments))
    }

    private init(memberCount: Int) {
        assignments = Array(repeating: PartitionAssignment(), count: memberCount)
        loads = Array(repeating: 0, count: memberCount)
    }

    /// Keeps what may be kept and gives everything else to those that have least.
    private mutating func place(_ members: [ServerAssignor.Member], _ partitionCounts: [UUID: Int32]) {
        var free = PartitionAssignment()
        for (index, member) in members.enumerated() {
            for topic in member.topics { wanting[topic, default: []].append(index) }
        }
        for topic in wanting.keys { free.insert(topic, 0..<(partitionCounts[topic] ?? 0)) }
        for (index, member) in members.enumerated() {
            let wanted = PartitionAssignment(member.current.byTopic.filter { member.topics.contains($0.key) })
            assignments[index] = wanted.intersection(free)
            loads[index] = assignments[index].count
            free = free.subtracting(assignments[index])
        }
        // Topics that few want come first: the others can make up for them.
        let topics = free.listed.sorted { wanting[$0.topicID]!.count < wanting[$1.topicID]!.count }
        for topic in topics {
            for partition in topic.partitions {
                let index = wanting[topic.topicID]!.min { (loads[$0], $0) < (loads[$1], $1) }!
                assignments[index].insert(topic.topicID, partition)
                loads[index] += 1
            }
        }
    }

    private mutating func balance() {
        var hasMoved = true
        while hasMoved {
            hasMoved = false
            for source in loads.indices.sorted(by: { (loads[$0], $1) > (loads[$1], $0) }) {
                while let chain = chain(from: source) {
                    pass(along: chain)
                    hasMoved = true
                }
            }
        }
    }

    /// A member that gets a partition of a topic from another.
    private struct Step {
        var topic: UUID
        var from: Int
        var to: Int
    }

    /// The shortest way to a member that has at least two partitions less; nil when there is none.
    private mutating func chain(from source: Int) -> [Step]? {
        // Nobody has that much less: there is nothing to look for.
        guard let least = loads.min(), least <= loads[source] - 2 else { return nil }
        var steps = [Step?](repeating: nil, count: loads.count)
        var seenTopics: Set<UUID> = []
        var level = [source]
        while !level.isEmpty, searchSteps < Self.searchStepsMax {
            var next: [Int] = []
            for member in level {
                for topic in assignments[member].byTopic.keys.sorted() where seenTopics.insert(topic).inserted {
                    let others = wanting[topic]!
                    searchSteps += others.count
                    for other in others where other != source && steps[other] == nil {
                        steps[other] = Step(topic: topic, from: member, to: other)
                        next.append(other)
                    }
                }
            }
            if let target = next.min(by: { loads[$0] < loads[$1] }), loads[target] <= loads[source] - 2 {
                return Array(sequence(first: steps[target]!) { steps[$0.from] })
            }
            level = next
        }
        return nil
    }

    private mutating func pass(along chain: [Step]) {
        for step in chain {
            let partition = assignments[step.from].byTopic[step.topic]!.max()!
            assignments[step.from].remove(step.topic, partition)
            assignments[step.to].insert(step.topic, partition)
        }
        loads[chain.last!.from] -= 1
        loads[chain.first!.to] += 1
    }
}
