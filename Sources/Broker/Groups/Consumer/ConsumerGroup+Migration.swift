import Bytes
import KafkaWire

/// Groups that go over from one protocol to the other while their members live (KIP-848).
extension ConsumerGroup {
    /// The group that a classic one becomes when its first member of the new protocol comes: the generation is the epoch,
    /// and everybody has what its leader gave it.
    ///
    /// - Throws: when a member is no consumer, or has an assignor whose results the broker cannot make.
    init(
        upgrading classic: ClassicGroup, _ topics: TopicSnapshot, limits: Limits, at now: Moment
    ) throws(GroupRefusal) {
        self.init(classic.id, limits: limits, at: now)
        guard classic.members.isEmpty || classic.protocolType == ClassicGroup.consumerProtocolType else {
            throw GroupRefusal(.groupIDNotFound, "group \(classic.id) is not one of consumers")
        }
        guard classic.members.count < limits.membersMax else {
            throw GroupRefusal(
                .groupMaxSizeReached, "the group has \(classic.members.count) members, the most it may have")
        }
        apply(.group(ConsumerGroupChange.Epoch(number: classic.generation, topicsHash: 0)))
        apply(.targetEpoch(classic.generation))
        for member in classic.membersInOrder {
            let (description, assigned) = try member.upgraded(classic.protocolName, topics)
            var progress = ConsumerGroupMember.Progress()
            (progress.epoch, progress.previousEpoch) = (classic.generation, classic.generation)
            progress.assigned = assigned
            for change: ConsumerGroupChange in [
                .member(member.id, description), .target(member.id, assigned), .progress(member.id, progress),
            ] { apply(change) }
            keepAlive(member.id, members[member.id]!, at: now)
        }
    }
}

extension ClassicMember {
    /// Assignors whose results are partitions and nothing more. librdkafka's sticky ones send a member's own subscription
    /// data back to it in the assignment, which says nothing; Kafka refuses such groups.
    private static let commonAssignors: Set = ["range", "roundrobin", "sticky", "cooperative-sticky"]

    /// What the member becomes in a group whose partitions the broker assigns.
    fileprivate func upgraded(
        _ protocolName: String?, _ topics: TopicSnapshot
    ) throws(GroupRefusal) -> (ConsumerGroupMember.Description, PartitionAssignment) {
        var description = ConsumerGroupMember.Description()
        let partitions: [OffsetStore.TopicKey]
        do throws(DecodeError) {
            let chosen = protocols.first { $0.name == protocolName } ?? protocols.first
            let subscription = try (chosen?.metadata ?? []).parsed(ConsumerSubscription.init(parsing:))
            description.topicNames = Set(subscription.topics).sorted()
            description.rackID = subscription.rackID
            partitions = assignment.isEmpty ? [] : try assignment.parsed(ConsumerAssignment.partitions)
            if !assignment.isEmpty, !Self.commonAssignors.contains(chosen?.name ?? ""),
                try assignment.parsed(ConsumerAssignment.hasAssignorData)
            {
                throw DecodeError("an assignment with data of its assignor", at: 0)
            }
        } catch {
            throw GroupRefusal(.groupIDNotFound, "the classic group has a member that cannot be taken over: \(error)")
        }
        description.instanceID = instanceID
        (description.clientID, description.clientHost) = (clientID, clientHost)
        description.rebalanceTimeoutMilliseconds = rebalanceTimeoutMilliseconds
        description.classic = ConsumerGroupMember.Classic(
            sessionTimeoutMilliseconds: sessionTimeoutMilliseconds, protocols: protocols)
        return (description, PartitionAssignment(partitions, topics))
    }
}

extension ClassicGroup {
    /// Answers everybody who waits: the group goes on as one of the other kind, which they join then.
    mutating func dissolve() -> [ClassicGroupAction] {
        for member in membersInOrder {
            if let ticket = member.joining { refuse(ticket, member.id, .rebalanceInProgress) }
            if let ticket = member.syncing { refuse(ticket, .rebalanceInProgress) }
        }
        return takeActions()
    }

    /// The group that is left when the last member of the new protocol has gone: the epoch is its generation, and the
    /// members, who all speak the classic protocol, are to join the next one.
    init(downgrading group: ConsumerGroup, _ names: [UUID: String], limits: Limits, at now: Moment) {
        self.init(group.id, limits: limits, at: now)
        generation = group.epoch.number
        protocolType = Self.consumerProtocolType
        for (id, former) in group.members.sorted(by: { $0.key < $1.key }) {
            guard let said = former.description.classic else { preconditionFailure("member \(id) is not classic") }
            let target = group.targets[id] ?? PartitionAssignment()
            var member = ClassicMember(
                id: id, instanceID: former.description.instanceID, clientID: former.description.clientID,
                clientHost: former.description.clientHost, order: nextOrder, protocols: said.protocols,
                sessionTimeoutMilliseconds: said.sessionTimeoutMilliseconds,
                rebalanceTimeoutMilliseconds: former.description.rebalanceTimeoutMilliseconds,
                assignment: target.encoded(names, version: said.subscription?.version ?? 0), isNew: false,
                knowsItsID: true)
            member.touch(at: now)
            nextOrder += 1
            members[id] = member
            if let instance = member.instanceID { staticMembers[instance] = id }
            if leader == nil { leader = id }
        }
        protocolName = selectProtocol()
        enter(.stable, at: now)
        prepareRebalance(at: now)
    }
}
