import Bytes
import KafkaWire

/// Spreads partitions evenly over members that all want the same topics: no member has two more than another, and no
/// partition moves that need not.
enum UniformAssignor {
    static func assign(
        _ members: [ServerAssignor.Member], _ partitionCounts: [UUID: Int32]
    ) -> [String: PartitionAssignment] {
        let topics = members[0].topics.sorted()
        var free = PartitionAssignment()
        for topic in topics { free.insert(topic, 0..<(partitionCounts[topic] ?? 0)) }
        let (share, extras) = free.count.quotientAndRemainder(dividingBy: members.count)

        var kept = Dictionary(uniqueKeysWithValues: members.map { ($0.id, PartitionAssignment()) })
        for member in members {
            // Of what was given to two, which cannot be, the first keeps it.
            let valid = member.current.intersection(free)
            kept[member.id] = valid
            free = free.subtracting(valid)
        }
        // Those that have most get the extra partitions: they need not give them up.
        let counts = kept.mapValues(\.count)
        let ordered = members.map(\.id).sorted { (counts[$0]!, $1) > (counts[$1]!, $0) }
        var quotas: [(id: String, open: Int)] = []
        for (index, id) in ordered.enumerated() {
            let quota = share + (index < extras ? 1 : 0)
            let surplus = counts[id]! - quota
            if surplus > 0 { release(surplus, of: &kept[id]!, to: &free) }
            if surplus < 0 { quotas.append((id, -surplus)) }
        }
        fill(quotas, from: free, into: &kept)
        return kept
    }

    /// Takes partitions away, from the topics of which the member has most.
    private static func release(
        _ count: Int, of assignment: inout PartitionAssignment, to free: inout PartitionAssignment
    ) {
        for _ in 0..<count {
            let largest = assignment.byTopic.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }!
            let partition = largest.value.max()!
            assignment.remove(largest.key, partition)
            free.insert(largest.key, partition)
        }
    }

    /// Deals the free partitions out in turn, so that a busy topic is spread over the members.
    private static func fill(
        _ quotas: [(id: String, open: Int)], from free: PartitionAssignment,
        into assignment: inout [String: PartitionAssignment]
    ) {
        var quotas = quotas
        var turn = 0
        for topic in free.listed {
            for partition in topic.partitions {
                if turn >= quotas.count { turn = 0 }
                assignment[quotas[turn].id]?.insert(topic.topicID, partition)
                quotas[turn].open -= 1
                if quotas[turn].open == 0 { quotas.remove(at: turn) } else { turn += 1 }
            }
        }
    }
}
