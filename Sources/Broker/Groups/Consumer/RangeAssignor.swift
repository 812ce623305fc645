import Bytes

/// Gives each member of a topic a range of its partitions, earlier members one more where it does not come out even.
///
/// Members are in the order of their static ids, then of their ids, so that a topic's partition N and another's, which has
/// as many partitions and members, go to the same member.
enum RangeAssignor {
    static func assign(
        _ members: [ServerAssignor.Member], _ partitionCounts: [UUID: Int32]
    ) -> [String: PartitionAssignment] {
        let sorted = members.sorted(by: precedes)
        var assignment = Dictionary(uniqueKeysWithValues: sorted.map { ($0.id, PartitionAssignment()) })
        for (topic, partitionCount) in partitionCounts {
            let wanting = sorted.filter { $0.topics.contains(topic) }
            guard !wanting.isEmpty else { continue }
            let (share, extras) = Int(partitionCount).quotientAndRemainder(dividingBy: wanting.count)
            var next: Int32 = 0
            for (index, member) in wanting.enumerated() {
                let end = next + Int32(share + (index < extras ? 1 : 0))
                assignment[member.id]?.insert(topic, next..<end)
                next = end
            }
        }
        return assignment
    }

    private static func precedes(_ one: ServerAssignor.Member, _ other: ServerAssignor.Member) -> Bool {
        switch (one.instanceID, other.instanceID) {
        case (let one?, let other?): one < other
        case (_?, nil): true
        case (nil, _?): false
        case (nil, nil): one.id < other.id
        }
    }
}
