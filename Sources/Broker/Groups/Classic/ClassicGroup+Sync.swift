import KafkaWire

extension ClassicGroup {
    /// A member asks for its assignment; the leader brings everybody's.
    mutating func sync(_ request: Sync, _ ticket: GroupTicket, at now: Moment) -> [ClassicGroupAction] {
        let error = take(request, ticket, at: now)
        if error != .none { refuse(ticket, error) }
        return takeActions()
    }

    private mutating func take(_ request: Sync, _ ticket: GroupTicket, at now: Moment) -> ErrorCode {
        let error = check(request.identity)
        guard error == .none else { return error }
        if let type = request.protocolType, type != protocolType { return .inconsistentGroupProtocol }
        if let name = request.protocolName, name != protocolName { return .inconsistentGroupProtocol }
        let memberID = request.identity.memberID
        switch state {
        case .empty, .dead:
            return .unknownMemberID
        case .preparingRebalance:
            return .rebalanceInProgress
        case .completingRebalance:
            awaitedSyncs.remove(memberID)
            if let old = members[memberID]?.syncing { refuse(old, .rebalanceInProgress) }
            members[memberID]?.syncing = ticket
            members[memberID]?.sessionDeadline = nil
            if leader == memberID, proposal == nil { propose(request.assignments) }
        case .stable:
            awaitedSyncs.remove(memberID)
            members[memberID]?.touch(at: now)
            answer(ticket, members[memberID]?.assignment ?? [])
        }
        return .none
    }

    /// What the leader has decided counts once it is written down.
    private mutating func propose(_ assignments: [String: [UInt8]]) {
        let all = members.mapValues { assignments[$0.id] ?? [] }
        proposal = all
        actions.append(.store(snapshot(assignments: all), .assignment(generation: generation)))
    }

    /// The group is written down, or could not be.
    mutating func stored(
        _ reason: ClassicGroupAction.StoreReason, _ failure: ErrorCode, at now: Moment
    ) -> [ClassicGroupAction] {
        switch reason {
        case .assignment(let generation):
            assignmentStored(generation, failure, at: now)
        case .replacement(let member, let leader, let canSkipAssignment):
            replacementStored(
                member, leader: leader, canSkipAssignment: canSkipAssignment, failure, at: now)
        case .empty:
            break
        }
        return takeActions()
    }

    private mutating func assignmentStored(_ generation: Int32, _ failure: ErrorCode, at now: Moment) {
        // Otherwise another rebalance has begun meanwhile.
        guard state == .completingRebalance, generation == self.generation, let proposal else { return }
        self.proposal = nil
        guard failure == .none else {
            failSyncs(failure, at: now)
            return prepareRebalance(at: now)
        }
        enter(.stable, at: now)
        for member in membersInOrder {
            let assignment = proposal[member.id] ?? []
            members[member.id]?.assignment = assignment
            guard let ticket = member.syncing else { continue }
            members[member.id]?.syncing = nil
            members[member.id]?.touch(at: now)
            answer(ticket, assignment)
        }
    }

    /// Answers everybody who waits for an assignment with an error.
    mutating func failSyncs(_ error: ErrorCode, at now: Moment) {
        for member in membersInOrder {
            members[member.id]?.assignment = []
            guard let ticket = member.syncing else { continue }
            members[member.id]?.syncing = nil
            members[member.id]?.touch(at: now)
            refuse(ticket, error)
        }
    }

    private mutating func answer(_ ticket: GroupTicket, _ assignment: [UInt8]) {
        actions.append(
            .answerSync(
                ticket,
                SyncGroupResponse(protocolType: protocolType, protocolName: protocolName, assignment: assignment)))
    }

    mutating func refuse(_ ticket: GroupTicket, _ error: ErrorCode) {
        actions.append(.answerSync(ticket, SyncGroupResponse(errorCode: error)))
    }
}
