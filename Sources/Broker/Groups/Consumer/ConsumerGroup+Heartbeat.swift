import Bytes
import KafkaWire

extension ConsumerGroup {
    /// Lets a member join, stay in, or leave the group.
    ///
    /// - Parameter request: one that `ConsumerGroupHeartbeatCheck` has passed.
    mutating func heartbeat(
        _ request: ConsumerGroupHeartbeatRequest, from client: GroupClient, _ topics: TopicSnapshot, at now: Moment
    ) throws(GroupRefusal) -> Outcome {
        if request.memberEpoch < 0 { return try leave(request, at: now) }
        var changes: [ConsumerGroupChange] = []
        let id = try admit(request, in: &changes)
        let old = members[id]
        let description = request.describing(old?.description, client)
        try checkPatterns(adding: request.subscribedTopicRegex)
        advance(
            id, description, owned: request.topicPartitions.map(PartitionAssignment.init), topics, in: &changes)
        keepAlive(id, members[id]!, at: now)
        let progress = members[id]!.progress
        let isFull = request.memberEpoch == 0 || request.isFull
        let isNew = old.map { progress.assigned != $0.progress.assigned } ?? true
        return Outcome(
            response: ConsumerGroupHeartbeatResponse(
                memberID: id, memberEpoch: progress.epoch,
                heartbeatIntervalMilliseconds: limits.heartbeatIntervalMilliseconds,
                assignment: isFull || isNew ? .init(topicPartitions: progress.assigned.listed) : nil),
            changes: changes)
    }

    /// Takes over what a member says about itself, and leads it a step towards what it is to have.
    ///
    /// - Parameter owned: what it says it has; nil when it says nothing.
    mutating func advance(
        _ id: String, _ description: ConsumerGroupMember.Description, owned: PartitionAssignment?,
        _ topics: TopicSnapshot, in changes: inout [ConsumerGroupChange]
    ) {
        let old = members[id]?.description
        if description != old { record([.member(id, description)], in: &changes) }
        var isNewEpoch = old.map { !$0.subscribesAs(description) } ?? true
        if isNewEpoch || subscription.snapshot !== topics {
            subscription.refresh(members.values.map(\.description), topics)
            isNewEpoch = isNewEpoch || subscription.hash != epoch.topicsHash
        }
        if isNewEpoch { raiseEpoch(in: &changes) }
        if epoch.number > targetEpoch { aim(in: &changes) }
        let before = members[id]!.progress
        let target = targets[id] ?? PartitionAssignment()
        let progress = before.stepping(towards: target, epoch: targetEpoch, owned: owned) { held(exceptBy: id) }
        guard progress != before else { return }
        record([.progress(id, progress)], in: &changes)
        restartRebalance(id)
    }

    /// The member that a heartbeat belongs to, which need not be known yet.
    private mutating func admit(
        _ request: ConsumerGroupHeartbeatRequest, in changes: inout [ConsumerGroupChange]
    ) throws(GroupRefusal) -> String {
        let id = request.memberID.isEmpty ? UUID.random().base64 : request.memberID
        guard request.memberEpoch == 0 else {
            try checkKnown(id, request.instanceID)
            try members[id]!.progress.check(request.memberEpoch, owned: request.topicPartitions)
            return id
        }
        if let previous = request.instanceID.flatMap({ memberID(instanceID: $0) }), previous != id {
            try checkReleased(members[previous]!, previous)
            take(from: previous, to: id, in: &changes)
        } else if let known = members[id] {
            // It has nothing, by its own word: an answer was lost, or it was fenced and begins anew.
            guard known.progress != ConsumerGroupMember.Progress() else { return id }
            record([.progress(id, ConsumerGroupMember.Progress())], in: &changes)
        } else if members.count >= limits.membersMax {
            throw GroupRefusal(.groupMaxSizeReached, "the group has \(limits.membersMax) members, the most it may have")
        }
        return id
    }

    private func checkPatterns(adding pattern: String?) throws(GroupRefusal) {
        guard let pattern, !pattern.isEmpty else { return }
        let patterns = Set(members.values.compactMap(\.description.topicRegex))
        guard patterns.contains(pattern) || patterns.count < Self.patternsMax else {
            throw GroupRefusal(
                .invalidRequest, "the group's members have \(Self.patternsMax) patterns, the most allowed")
        }
    }

    /// A static member of the new protocol says when it goes away; of the classic one it just comes back.
    private func checkReleased(_ member: ConsumerGroupMember, _ id: String) throws(GroupRefusal) {
        guard member.description.classic != nil || member.progress.epoch == ConsumerGroupMember.Progress.away else {
            throw GroupRefusal(
                .unreleasedInstanceID,
                "static member \(member.description.instanceID ?? "") is in use by member \(id)")
        }
    }

    /// Gives the place of a static member to the member that it has come back as.
    mutating func take(from previous: String, to id: String, in changes: inout [ConsumerGroupChange]) {
        let member = members[previous]!
        let target = targets[previous] ?? PartitionAssignment()
        record(Self.removal(previous), in: &changes)
        var progress = ConsumerGroupMember.Progress()
        progress.assigned = member.progress.assigned
        record([.member(id, member.description), .target(id, target), .progress(id, progress)], in: &changes)
    }

    func checkKnown(_ id: String, _ instanceID: String?) throws(GroupRefusal) {
        if let instanceID {
            guard let holder = memberID(instanceID: instanceID) else {
                throw GroupRefusal(.unknownMemberID, "static member \(instanceID) is not known")
            }
            guard holder == id else {
                throw GroupRefusal(.fencedInstanceID, "static member \(instanceID) is now member \(holder)")
            }
        }
        guard members[id] != nil else {
            throw GroupRefusal(.unknownMemberID, "member \(id) is not in group \(self.id)")
        }
    }

    /// Makes a target assignment for the group's epoch.
    private mutating func aim(in changes: inout [ConsumerGroupChange]) {
        let wishes = members.sorted { $0.key < $1.key }.map { id, member in
            ServerAssignor.Member(
                id: id, instanceID: member.description.instanceID,
                topics: subscription.topicIDs(member.description), current: targets[id] ?? PartitionAssignment())
        }
        let assigned = assignor.assign(wishes, subscription.partitionCounts)
        let changed = assigned.filter { targets[$0.key] != $0.value }.sorted { $0.key < $1.key }
        record(changed.map { .target($0.key, $0.value) } + [.targetEpoch(epoch.number)], in: &changes)
    }

    /// A member leaves: for good, or as a static member that comes back and keeps its partitions meanwhile.
    private mutating func leave(
        _ request: ConsumerGroupHeartbeatRequest, at now: Moment
    ) throws(GroupRefusal) -> Outcome {
        let id = request.memberID
        try checkKnown(id, request.instanceID)
        var changes: [ConsumerGroupChange] = []
        if request.memberEpoch == ConsumerGroupMember.Progress.away {
            var progress = members[id]!.progress.at(ConsumerGroupMember.Progress.away)
            progress.pendingRevocation = PartitionAssignment()
            progress.state = .stable
            record([.progress(id, progress)], in: &changes)
            restartRebalance(id)
        } else {
            remove([id], at: now, in: &changes)
        }
        return Outcome(
            response: ConsumerGroupHeartbeatResponse(memberID: id, memberEpoch: request.memberEpoch), changes: changes)
    }
}

extension ConsumerGroupMember.Progress {
    /// Checks what a member's heartbeat says about its epoch.
    fileprivate func check(
        _ received: Int32, owned: [ConsumerGroupTopicPartitions]?
    ) throws(GroupRefusal) {
        if received == epoch { return }
        // The answer with the next epoch may have been lost.
        if received == previousEpoch, received < epoch, let owned, PartitionAssignment(owned).isSubset(of: assigned) {
            return
        }
        throw GroupRefusal(
            .fencedMemberEpoch,
            "member epoch \(received) is not the \(epoch) that is known: give up all partitions and join again")
    }
}

extension ConsumerGroupHeartbeatRequest {
    /// Whether nothing was left out.
    fileprivate var isFull: Bool {
        rebalanceTimeoutMilliseconds != -1 && (subscribedTopicNames != nil || subscribedTopicRegex != nil)
            && topicPartitions != nil
    }

    /// What the member says about itself, on top of what it said before.
    fileprivate func describing(
        _ old: ConsumerGroupMember.Description?, _ client: GroupClient
    ) -> ConsumerGroupMember.Description {
        var description = old ?? ConsumerGroupMember.Description()
        description.clientID = client.id
        description.clientHost = client.host
        description.classic = nil
        if let instanceID { description.instanceID = instanceID }
        if let rackID { description.rackID = rackID }
        if rebalanceTimeoutMilliseconds != -1 {
            description.rebalanceTimeoutMilliseconds = rebalanceTimeoutMilliseconds
        }
        if let subscribedTopicNames { description.topicNames = Set(subscribedTopicNames).sorted() }
        if let subscribedTopicRegex {
            description.topicRegex = subscribedTopicRegex.isEmpty ? nil : subscribedTopicRegex
        }
        if let serverAssignor { description.assignor = ServerAssignor(rawValue: serverAssignor) }
        return description
    }
}
