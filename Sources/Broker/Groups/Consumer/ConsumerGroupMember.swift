/// A member of a group whose partitions the broker assigns (KIP-848).
struct ConsumerGroupMember: Equatable, Sendable {
    /// What the member says about itself.
    var description: Description
    /// How far it has come on the way to its target.
    var progress = Progress()

    /// What a member says about itself; each heartbeat may change it.
    struct Description: Equatable, Sendable {
        /// The static id, which stays when the process is started again.
        var instanceID: String?
        var rackID: String?
        var clientID: String = ""
        var clientHost: String = ""
        /// Sorted, each once.
        var topicNames: [String] = []
        /// A pattern in RE2's syntax; nil for none.
        var topicRegex: String?
        /// How long the member may take to give up partitions, ms.
        var rebalanceTimeoutMilliseconds: Int32 = -1
        var assignor: ServerAssignor?
        /// What a member that speaks the classic protocol says besides; nil for one of the new protocol.
        var classic: Classic?

        /// Bytes that the broker keeps for the member.
        var byteCount: Int {
            let texts = [instanceID ?? "", rackID ?? "", clientID, clientHost, topicRegex ?? ""] + topicNames
            let protocolBytes = classic?.protocols.reduce(0) { $0 + $1.name.utf8.count + $1.metadata.count } ?? 0
            return texts.reduce(MemoryLayout<ConsumerGroupMember>.size + protocolBytes) {
                $0 + $1.utf8.count + MemoryLayout<String>.size
            }
        }

        /// Whether the other wants the same topics.
        func subscribesAs(_ other: Description) -> Bool {
            topicNames == other.topicNames && topicRegex == other.topicRegex
        }
    }

    /// What a member that speaks the classic protocol says besides (Kafka's `ClassicMemberMetadata`).
    struct Classic: Equatable, Sendable {
        /// It is taken for gone when nothing is heard of it for so long.
        var sessionTimeoutMilliseconds: Int32
        /// What it can speak, the one that it likes most first; at least one.
        var protocols: [GroupProtocol]

        /// Its words of itself in the protocol that it likes most; nil when they are no consumer's.
        var subscription: ConsumerSubscription? {
            protocols.first.flatMap { try? $0.metadata.parsed(ConsumerSubscription.init(parsing:)) }
        }
    }

    /// Where a member stands between what it has and what it is to have.
    enum State: Int8, Sendable {
        /// It has what it is to have.
        case stable = 0
        /// It must give up partitions before it gets to the next epoch.
        case unrevokedPartitions = 1
        /// It is at the next epoch and waits for partitions that others have not given up.
        case unreleasedPartitions = 2
    }

    /// How far a member has come.
    struct Progress: Equatable, Sendable {
        /// What heartbeats and commits must say; 0 before the first answer, -2 while a static member is away.
        var epoch: Int32 = 0
        /// What they may say when the last answer was lost.
        var previousEpoch: Int32 = 0
        var state = State.stable
        /// What the member may read.
        var assigned = PartitionAssignment()
        /// What it must give up and may still be reading.
        var pendingRevocation = PartitionAssignment()

        /// The epoch of members that leave for good.
        static let leaving: Int32 = -1
        /// The epoch of static members that leave and come back.
        static let away: Int32 = -2

        /// Everything that nobody else may read now.
        var held: PartitionAssignment { assigned.union(pendingRevocation) }

        /// The same at another epoch.
        func at(_ next: Int32) -> Progress {
            var progress = self
            guard next != epoch else { return progress }
            progress.previousEpoch = epoch
            progress.epoch = next
            return progress
        }

        /// Takes the next step towards a target, if one can be taken.
        ///
        /// Partitions are given up before any are taken: a partition goes to a member once nobody holds it.
        /// - Parameters:
        ///   - owned: what the member says it has; nil when it says nothing.
        ///   - heldByOthers: looked at only when the member is to get more than it has.
        func stepping(
            towards target: PartitionAssignment, epoch targetEpoch: Int32, owned: PartitionAssignment?,
            heldByOthers: () -> PartitionAssignment
        ) -> Progress {
            var next = self
            switch state {
            case .stable:
                if epoch == targetEpoch { return self }
            case .unrevokedPartitions:
                guard let owned, owned.isDisjoint(with: pendingRevocation) else { return self }
                // What was asked for is done; whatever the target has come to want since belongs to the next epoch.
                next = at(epoch + 1)
            case .unreleasedPartitions: break
            }
            next.assigned = assigned.intersection(target)
            next.pendingRevocation = assigned.subtracting(target)
            let isStillReading = owned.map { !$0.isDisjoint(with: next.pendingRevocation) } ?? true
            if !next.pendingRevocation.isEmpty, isStillReading {
                next.state = .unrevokedPartitions
                return next
            }
            let wanted = target.subtracting(next.assigned)
            let free = wanted.isEmpty ? wanted : wanted.subtracting(heldByOthers())
            var arrived = at(targetEpoch)
            arrived.assigned = next.assigned.union(free)
            arrived.pendingRevocation = PartitionAssignment()
            arrived.state = free == wanted ? .stable : .unreleasedPartitions
            return arrived
        }
    }
}
