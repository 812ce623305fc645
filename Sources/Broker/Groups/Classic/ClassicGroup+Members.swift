import KafkaWire

extension ClassicGroup {
    /// A member is still there; the answer tells it when it must join again.
    mutating func heartbeat(_ identity: Identity, at now: Moment) -> ErrorCode {
        let error = check(identity)
        guard error == .none else { return error }
        switch state {
        case .empty, .dead:
            return .unknownMemberID
        case .completingRebalance, .stable:
            // While the leader assigns, its members have nothing else to say.
            members[identity.memberID]?.touch(at: now)
            return .none
        case .preparingRebalance:
            members[identity.memberID]?.touch(at: now)
            return .rebalanceInProgress
        }
    }

    /// Whether offsets may be committed under this identity: generation -1 and no id for a consumer without membership,
    /// which is right only while the group has no members.
    mutating func checkCommit(_ identity: Identity, isTransactional: Bool, at now: Moment) -> ErrorCode {
        if identity.generation < 0, state == .empty { return .none }
        if identity.generation >= 0 || !identity.memberID.isEmpty || identity.instanceID != nil {
            let error = check(identity)
            guard error == .none else { return error }
            members[identity.memberID]?.touch(at: now)
        } else if !isTransactional, state != .empty {
            return .unknownMemberID
        }
        // Members keep what they have read until they join again; then the new assignment decides.
        return !isTransactional && state == .completingRebalance ? .rebalanceInProgress : .none
    }

    /// Members leave for good; the errors are in their order.
    mutating func leave(_ leavers: [Leaver], at now: Moment) -> (errors: [ErrorCode], actions: [ClassicGroupAction]) {
        let errors = leavers.map { leave($0, at: now) }
        return (errors, takeActions())
    }

    private mutating func leave(_ leaver: Leaver, at now: Moment) -> ErrorCode {
        if leaver.memberID.isEmpty, let instance = leaver.instanceID {
            guard let member = staticMembers[instance] else { return .unknownMemberID }
            remove(member, at: now)
            return .none
        }
        if pendingMembers.removeValue(forKey: leaver.memberID) != nil {
            completeJoinIfReady(at: now)
            return .none
        }
        let error = check(leaver.memberID, leaver.instanceID)
        guard error == .none else { return error }
        remove(leaver.memberID, at: now)
        return .none
    }

    /// Removes a member, which means a rebalance for the others.
    mutating func remove(_ memberID: String, at now: Moment) {
        forget(memberID)
        rebalanceWithoutThem(at: now)
    }

    private mutating func rebalanceWithoutThem(at now: Moment) {
        switch state {
        case .stable, .completingRebalance: prepareRebalance(at: now)
        case .preparingRebalance: completeJoinIfReady(at: now)
        case .empty, .dead: break
        }
    }

    /// Takes a member out and answers what it waits for.
    mutating func forget(_ memberID: String) {
        guard let member = members.removeValue(forKey: memberID) else { return }
        if let ticket = member.joining { refuse(ticket, memberID, .unknownMemberID) }
        if let ticket = member.syncing { refuse(ticket, .unknownMemberID) }
        if let instance = member.instanceID { staticMembers[instance] = nil }
        awaitedSyncs.remove(memberID)
        if leader == memberID { leader = membersInOrder.first?.id }
    }

    // MARK: - Time

    /// Does what is due: members that were not heard of, rebalances that have waited long enough.
    mutating func expire(at now: Moment) -> [ClassicGroupAction] {
        let time = now.monotonicMilliseconds
        pendingMembers = pendingMembers.filter { $0.value.deadline > time }
        let silent = membersInOrder.filter { ($0.sessionDeadline ?? .max) <= time }
        for member in silent { forget(member.id) }
        if silent.isEmpty { completeJoinIfReady(at: now) } else { rebalanceWithoutThem(at: now) }
        if let deadline = joinDeadline, deadline <= time { joinTimeIsUp(at: now) }
        if let deadline = syncDeadline, deadline <= time {
            syncDeadline = nil
            let late = awaitedSyncs
            for member in late { forget(member) }
            if !late.isEmpty { rebalanceWithoutThem(at: now) }
        }
        return takeActions()
    }

    /// A connection has ended: nobody waits for its answers any more.
    ///
    /// A member that was never told its id cannot come back and is removed; others have their session's time to.
    mutating func disconnected(_ connection: UInt64, at now: Moment) -> [ClassicGroupAction] {
        for (id, pending) in pendingMembers where pending.connection == connection {
            pendingMembers[id]?.connection = nil
        }
        var removed = false
        for member in membersInOrder {
            if let ticket = member.joining, ticket.connection == connection {
                if member.isNew, !member.knowsItsID {
                    forget(member.id)
                    removed = true
                    continue
                }
                // Its answer goes nowhere, and it no longer counts as joined.
                refuse(ticket, member.id, .rebalanceInProgress)
                members[member.id]?.joining = nil
            }
            if let ticket = member.syncing, ticket.connection == connection {
                refuse(ticket, .rebalanceInProgress)
                members[member.id]?.syncing = nil
            }
            members[member.id]?.resume(member, at: now)
        }
        if removed { rebalanceWithoutThem(at: now) } else { completeJoinIfReady(at: now) }
        return takeActions()
    }
}

extension ClassicMember {
    /// Begins the session again if it stood still before.
    fileprivate mutating func resume(_ before: ClassicMember, at now: Moment) {
        guard before.joining != joining || before.syncing != syncing else { return }
        isNew = false
        touch(at: now)
    }
}
