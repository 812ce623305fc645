import Bytes
import KafkaWire

/// Members that speak the classic protocol in a group whose partitions the broker assigns (KIP-848, migration).
///
/// Such a member's generation is its epoch. It is told by heartbeats to join again when it has a step to take; a join is
/// that step, and the sync behind it tells what it may read then. None of them leads.
extension ConsumerGroup {
    /// Whether a member speaks the new protocol.
    var hasNewMembers: Bool { members.values.contains { $0.description.classic == nil } }

    /// A member joins or joins again; it is answered at once.
    mutating func join(
        _ request: ClassicGroup.Join, _ topics: TopicSnapshot, at now: Moment
    ) throws(GroupRefusal) -> (response: JoinGroupResponse, changes: [ConsumerGroupChange]) {
        let subscription = try check(request)
        var changes: [ConsumerGroupChange] = []
        guard let id = try admit(request, in: &changes) else {
            return (JoinGroupResponse(errorCode: .memberIDRequired, memberID: request.newMemberID), [])
        }
        let description = request.describing(members[id]?.description, subscription)
        let owned = PartitionAssignment(subscription.owned, topics)
        advance(id, description, owned: owned, topics, in: &changes)
        awaitStep(id, .anew, at: now)
        let response = JoinGroupResponse(
            generation: members[id]!.progress.epoch, protocolType: ClassicGroup.consumerProtocolType,
            protocolName: request.protocols[0].name, memberID: id)
        return (response, changes)
    }

    /// What a member asks to join with must be a consumer's, in a protocol that all others of its kind speak.
    private func check(_ request: ClassicGroup.Join) throws(GroupRefusal) -> ConsumerSubscription {
        guard request.protocolType == ClassicGroup.consumerProtocolType, let first = request.protocols.first else {
            throw GroupRefusal(.inconsistentGroupProtocol, "group \(id) is one of consumers")
        }
        let others = members.filter { $0.key != request.memberID }.compactMap(\.value.description.classic)
        let isCommon = request.protocols.contains { wanted in
            others.allSatisfy { $0.protocols.contains { $0.name == wanted.name } }
        }
        guard isCommon else {
            throw GroupRefusal(.inconsistentGroupProtocol, "the members of group \(id) have no protocol in common")
        }
        do throws(DecodeError) {
            return try first.metadata.parsed(ConsumerSubscription.init(parsing:))
        } catch {
            throw GroupRefusal(.inconsistentGroupProtocol, "no consumer's subscription: \(error)")
        }
    }

    /// The id under which a member joins; nil when it is to be told one first.
    private mutating func admit(
        _ request: ClassicGroup.Join, in changes: inout [ConsumerGroupChange]
    ) throws(GroupRefusal) -> String? {
        if let instance = request.instanceID {
            if !request.memberID.isEmpty {
                try checkKnown(request.memberID, instance)
                return request.memberID
            }
            if let former = memberID(instanceID: instance) {
                take(from: former, to: request.newMemberID, in: &changes)
                return request.newMemberID
            }
        }
        if members[request.memberID] != nil { return request.memberID }
        guard members.count < limits.membersMax else {
            throw GroupRefusal(.groupMaxSizeReached, "the group has \(limits.membersMax) members, the most it may have")
        }
        guard request.memberID.isEmpty else { return request.memberID }
        return request.requiresKnownMemberID && request.instanceID == nil ? nil : request.newMemberID
    }

    /// A member is still there; the answer tells it when it must join again.
    mutating func heartbeat(_ identity: ClassicGroup.Identity, at now: Moment) -> ErrorCode {
        do throws(GroupRefusal) {
            let member = try classicMember(identity)
            guard mustJoinAgain(identity.memberID, member) else {
                keepAlive(identity.memberID, member, at: now)
                return .none
            }
            awaitStep(identity.memberID, .ifNotYet, at: now)
            return .rebalanceInProgress
        } catch {
            return error.code
        }
    }

    /// A member asks what it may read.
    mutating func sync(
        _ request: ClassicGroup.Sync, _ names: [UUID: String], at now: Moment
    ) throws(GroupRefusal) -> SyncGroupResponse {
        let id = request.identity.memberID
        let member = try classicMember(request.identity)
        let name = member.description.classic?.protocols.first?.name ?? ""
        guard request.protocolType ?? ClassicGroup.consumerProtocolType == ClassicGroup.consumerProtocolType,
            request.protocolName ?? name == name
        else { throw GroupRefusal(.inconsistentGroupProtocol, "the protocol of member \(id) is \(name)") }
        // Who is to give something up learns here what that is, and joins again when it has.
        guard member.progress.epoch == epoch.number || member.progress.state == .unrevokedPartitions else {
            awaitStep(id, .ifNotYet, at: now)
            throw GroupRefusal(.rebalanceInProgress, "group \(self.id) has moved on")
        }
        awaitStep(id, .noMore, at: now)
        let version = member.description.classic?.subscription?.version ?? 0
        return SyncGroupResponse(
            protocolType: ClassicGroup.consumerProtocolType, protocolName: name,
            assignment: member.progress.assigned.encoded(names, version: version))
    }

    /// Members leave for good; the errors are in their order.
    mutating func leave(
        _ leavers: [ClassicGroup.Leaver], at now: Moment
    ) -> (errors: [ErrorCode], changes: [ConsumerGroupChange]) {
        var gone: [String] = []
        let errors = leavers.map { leaver -> ErrorCode in
            var id = leaver.memberID
            if id.isEmpty, let instance = leaver.instanceID { id = memberID(instanceID: instance) ?? "" }
            do throws(GroupRefusal) {
                try checkKnown(id, leaver.instanceID)
            } catch {
                return error.code
            }
            guard members[id]?.description.classic != nil, !gone.contains(id) else { return .unknownMemberID }
            gone.append(id)
            return .none
        }
        var changes: [ConsumerGroupChange] = []
        if !gone.isEmpty { remove(gone, at: now, in: &changes) }
        return (errors, changes)
    }

    private func classicMember(_ identity: ClassicGroup.Identity) throws(GroupRefusal) -> ConsumerGroupMember {
        try checkKnown(identity.memberID, identity.instanceID)
        guard let member = members[identity.memberID], member.description.classic != nil else {
            throw GroupRefusal(.unknownMemberID, "member \(identity.memberID) does not speak the classic protocol")
        }
        guard member.progress.epoch == identity.generation else {
            throw GroupRefusal(
                .illegalGeneration,
                "generation \(identity.generation) is not the \(member.progress.epoch) that is known")
        }
        return member
    }

    private func mustJoinAgain(_ id: String, _ member: ConsumerGroupMember) -> Bool {
        if member.progress.epoch < epoch.number { return true }
        switch member.progress.state {
        case .stable: return false
        case .unrevokedPartitions: return true
        case .unreleasedPartitions:
            let wanted = (targets[id] ?? PartitionAssignment()).subtracting(member.progress.assigned)
            return wanted.isDisjoint(with: held(exceptBy: id))
        }
    }
}

extension ClassicGroup.Join {
    /// What the member says about itself, on top of what it said before.
    fileprivate func describing(
        _ old: ConsumerGroupMember.Description?, _ subscription: ConsumerSubscription
    ) -> ConsumerGroupMember.Description {
        var description = old ?? ConsumerGroupMember.Description()
        description.clientID = clientID
        description.clientHost = clientHost
        if let instanceID { description.instanceID = instanceID }
        description.rackID = subscription.rackID
        description.topicNames = Set(subscription.topics).sorted()
        description.topicRegex = nil
        description.rebalanceTimeoutMilliseconds = rebalanceTimeoutMilliseconds
        description.classic = ConsumerGroupMember.Classic(
            sessionTimeoutMilliseconds: sessionTimeoutMilliseconds, protocols: protocols)
        return description
    }
}

extension PartitionAssignment {
    /// Partitions by the names of their topics; of topics that are gone there are none.
    init(_ partitions: [OffsetStore.TopicKey], _ topics: TopicSnapshot) {
        self.init()
        for key in partitions {
            if let topic = topics.byName[key.topic] { insert(topic.id, key.partition) }
        }
    }

    /// As a consumer of the classic protocol is told; topics that are gone are left out.
    func encoded(_ names: [UUID: String], version: Int16) -> [UInt8] {
        let named = byTopic.compactMap { topic, partitions in
            names[topic].map { (topic: $0, partitions: partitions.sorted()) }
        }
        return ConsumerAssignment.encode(named.sorted { $0.topic < $1.topic }, version: version)
    }
}
