import Bytes

/// The ways in which the broker spreads partitions over the members of a group (KIP-848, `group.consumer.assignors`).
enum ServerAssignor: String, CaseIterable, Sendable {
    /// Equal numbers of partitions, as few moves as possible.
    case uniform
    /// Of each topic a range to each member: the same ranges of topics that have as many partitions.
    case range

    /// The assignor of groups whose members name none.
    static let preferred = ServerAssignor.uniform

    /// A member as an assignor sees it.
    struct Member: Sendable {
        /// The member's id.
        var id: String
        /// Its static id, which is steadier than the other.
        var instanceID: String?
        /// The topics that it wants, all of which exist.
        var topics: Set<UUID>
        /// What it was to have until now.
        var current = PartitionAssignment()
    }

    /// What every member is to have: each partition of a wanted topic goes to exactly one of those that want it.
    ///
    /// - Parameter partitionCounts: of every topic that any member wants.
    func assign(_ members: [Member], _ partitionCounts: [UUID: Int32]) -> [String: PartitionAssignment] {
        guard let first = members.first else { return [:] }
        switch self {
        case .range: return RangeAssignor.assign(members, partitionCounts)
        case .uniform:
            return members.allSatisfy { $0.topics == first.topics }
                ? UniformAssignor.assign(members, partitionCounts)
                : MixedUniformAssignor.assign(members, partitionCounts)
        }
    }
}
