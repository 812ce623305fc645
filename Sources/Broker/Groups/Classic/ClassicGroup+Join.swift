import KafkaWire

extension ClassicGroup {
    /// How long a member that does not know its id yet may wait for its first generation, ms: it cannot come back for the
    /// answer, so what its client does again would pile up.
    static let newMemberWaitMilliseconds: Int64 = 300_000

    /// A member joins; it is answered now or when the next generation begins.
    mutating func join(_ request: Join, _ ticket: GroupTicket, at now: Moment) -> [ClassicGroupAction] {
        let error = admit(request, ticket, at: now)
        if error != .none { refuse(ticket, request.memberID, error) }
        return takeActions()
    }

    /// Handles a JoinGroup; an error is what the member is told.
    private mutating func admit(_ request: Join, _ ticket: GroupTicket, at now: Moment) -> ErrorCode {
        guard hasRoom(for: request) else {
            if members[request.memberID] != nil { remove(request.memberID, at: now) }
            return .groupMaxSizeReached
        }
        guard canSpeak(request) else { return .inconsistentGroupProtocol }
        if request.memberID.isEmpty { return admitNew(request, ticket, at: now) }
        if pendingMembers.removeValue(forKey: request.memberID) != nil {
            add(request, request.memberID, ticket, at: now)
            return .none
        }
        let error = check(request.memberID, request.instanceID)
        guard error == .none else { return error }
        return rejoin(request, ticket, at: now)
    }

    private mutating func admitNew(_ request: Join, _ ticket: GroupTicket, at now: Moment) -> ErrorCode {
        if let instance = request.instanceID {
            if let old = staticMembers[instance] {
                replace(old, request, ticket, at: now)
            } else {
                add(request, request.newMemberID, ticket, at: now)
            }
            return .none
        }
        guard request.requiresKnownMemberID else {
            add(request, request.newMemberID, ticket, at: now)
            return .none
        }
        pendingMembers[request.newMemberID] = PendingMember(
            connection: ticket.connection,
            deadline: now.monotonicMilliseconds + Int64(request.sessionTimeoutMilliseconds))
        refuse(ticket, request.newMemberID, .memberIDRequired)
        return .none
    }

    /// A member that the group knows joins again.
    private mutating func rejoin(_ request: Join, _ ticket: GroupTicket, at now: Moment) -> ErrorCode {
        let isUnchanged = members[request.memberID]?.protocols == request.protocols
        switch state {
        case .preparingRebalance:
            update(request.memberID, request, ticket, at: now)
            completeJoinIfReady(at: now)
        case .completingRebalance where isUnchanged:
            // The answer was lost on its way.
            answerAgain(ticket, request.memberID, at: now)
        case .stable where isUnchanged && leader != request.memberID:
            answerAgain(ticket, request.memberID, at: now)
        case .completingRebalance, .stable:
            // A leader that joins again wants a new assignment, whatever its reason.
            update(request.memberID, request, ticket, at: now)
            prepareRebalance(at: now)
        case .empty, .dead:
            return .unknownMemberID
        }
        return .none
    }

    private func hasRoom(for request: Join) -> Bool {
        let isToldItsID = request.memberID.isEmpty && request.instanceID == nil
        guard !isToldItsID || pendingMembers.count < limits.membersMax else { return false }
        switch state {
        case .empty, .dead:
            return true
        case .preparingRebalance:
            if members[request.memberID]?.joining != nil || isReplacement(request) { return true }
            return members.values.count { $0.joining != nil } < limits.membersMax
        case .completingRebalance, .stable:
            return members[request.memberID] != nil || isReplacement(request) || members.count < limits.membersMax
        }
    }

    private func isReplacement(_ request: Join) -> Bool {
        request.instanceID.map { staticMembers[$0] != nil } ?? false
    }

    /// Whether the group and the member would have a protocol in common.
    private func canSpeak(_ request: Join) -> Bool {
        guard !request.protocolType.isEmpty, !request.protocols.isEmpty else { return false }
        guard !members.isEmpty else { return true }
        guard request.protocolType == protocolType else { return false }
        let common = commonProtocols
        return request.protocols.contains { common.contains($0.name) }
    }

    // MARK: - Members

    private mutating func add(_ request: Join, _ memberID: String, _ ticket: GroupTicket, at now: Moment) {
        if members.isEmpty { protocolType = request.protocolType }
        let knowsItsID = !request.memberID.isEmpty || request.instanceID != nil
        var member = ClassicMember(
            id: memberID, instanceID: request.instanceID, clientID: request.clientID, clientHost: request.clientHost,
            order: nextOrder, protocols: request.protocols,
            sessionTimeoutMilliseconds: request.sessionTimeoutMilliseconds,
            rebalanceTimeoutMilliseconds: request.rebalanceTimeoutMilliseconds, joining: ticket, knowsItsID: knowsItsID)
        nextOrder += 1
        member.sessionDeadline = now.monotonicMilliseconds + Self.newMemberWaitMilliseconds
        members[memberID] = member
        if let instance = request.instanceID { staticMembers[instance] = memberID }
        if leader == nil { leader = memberID }
        hasGrown = true
        if state == .preparingRebalance {
            completeJoinIfReady(at: now)
        } else {
            prepareRebalance(at: now)
        }
    }

    /// Takes over what a known member says of itself now, and parks its request.
    private mutating func update(_ memberID: String, _ request: Join, _ ticket: GroupTicket, at now: Moment) {
        guard var member = members[memberID] else { return }
        if let old = member.joining { refuse(old, memberID, .rebalanceInProgress) }
        member.protocols = request.protocols
        member.sessionTimeoutMilliseconds = request.sessionTimeoutMilliseconds
        member.rebalanceTimeoutMilliseconds = request.rebalanceTimeoutMilliseconds
        member.joining = ticket
        if !member.isNew { member.sessionDeadline = nil }
        members[memberID] = member
    }

    /// A static member has started again: it takes the place of its former self.
    private mutating func replace(_ oldID: String, _ request: Join, _ ticket: GroupTicket, at now: Moment) {
        guard var member = members.removeValue(forKey: oldID), let instance = request.instanceID else { return }
        let formerLeader = leader
        if let old = member.joining { refuse(old, oldID, .fencedInstanceID) }
        if let old = member.syncing { refuse(old, .fencedInstanceID) }
        let newID = request.newMemberID
        member.id = newID
        member.joining = nil
        member.syncing = nil
        member.isNew = false
        members[newID] = member
        staticMembers[instance] = newID
        if leader == oldID { leader = newID }
        if awaitedSyncs.remove(oldID) != nil { awaitedSyncs.insert(newID) }
        update(newID, request, ticket, at: now)
        switch state {
        case .stable where selectProtocol() == protocolName:
            // Nothing changes for the others: the group goes on as soon as the new id is written down.
            let reason = ClassicGroupAction.StoreReason.replacement(
                member: newID, leader: formerLeader, canSkipAssignment: request.canSkipAssignment)
            actions.append(.store(snapshot(), reason))
        case .stable, .completingRebalance:
            // The leader may be assigning to the former id just now.
            prepareRebalance(at: now)
        case .preparingRebalance:
            completeJoinIfReady(at: now)
        case .empty, .dead:
            break
        }
    }

    // MARK: - Answers

    mutating func refuse(_ ticket: GroupTicket, _ memberID: String, _ error: ErrorCode) {
        actions.append(.answerJoin(ticket, JoinGroupResponse(errorCode: error, memberID: memberID)))
    }

    /// Tells a member of the generation that is.
    private mutating func answerAgain(_ ticket: GroupTicket, _ memberID: String, at now: Moment) {
        members[memberID]?.touch(at: now)
        answer(ticket, memberID, isLeader: state == .completingRebalance && leader == memberID)
    }

    private mutating func answer(_ ticket: GroupTicket, _ memberID: String, isLeader: Bool) {
        actions.append(
            .answerJoin(
                ticket,
                JoinGroupResponse(
                    generation: generation, protocolType: protocolType, protocolName: protocolName,
                    leader: leader ?? "", memberID: memberID, members: isLeader ? memberList : [])))
    }

    private var memberList: [JoinGroupResponse.Member] {
        membersInOrder.map {
            JoinGroupResponse.Member(
                memberID: $0.id, groupInstanceID: $0.instanceID, metadata: $0.metadata(protocolName))
        }
    }

    /// A static member's new id is written down, or could not be: its JoinGroup is answered.
    mutating func replacementStored(
        _ memberID: String, leader formerLeader: String?, canSkipAssignment: Bool, _ failure: ErrorCode, at now: Moment
    ) {
        // With a rebalance under way, the member waits for it like everybody.
        guard state == .stable, let ticket = members[memberID]?.joining else { return }
        members[memberID]?.joining = nil
        members[memberID]?.touch(at: now)
        guard failure == .none else { return refuse(ticket, memberID, failure) }
        var response = JoinGroupResponse(
            generation: generation, protocolType: protocolType, protocolName: protocolName, memberID: memberID)
        if canSkipAssignment {
            response.leader = leader ?? ""
            response.skipAssignment = leader == memberID
            response.members = response.skipAssignment ? memberList : []
        } else {
            // With the former id as the leader's, the member does not take itself for it and assigns nothing.
            response.leader = formerLeader ?? ""
        }
        actions.append(.answerJoin(ticket, response))
    }

    // MARK: - Generations

    /// Begins to gather members for the next generation.
    mutating func prepareRebalance(at now: Moment) {
        if state == .completingRebalance { failSyncs(.rebalanceInProgress, at: now) }
        let delay = state == .empty ? limits.initialRebalanceDelayMilliseconds : 0
        enter(.preparingRebalance, at: now)
        syncDeadline = nil
        awaitedSyncs = []
        proposal = nil
        hasGrown = false
        if delay > 0 {
            joinDeadline = now.monotonicMilliseconds + delay
            initialDelayLeft = max(0, rebalanceTimeoutMilliseconds - delay)
        } else {
            joinDeadline = now.monotonicMilliseconds + rebalanceTimeoutMilliseconds
            initialDelayLeft = nil
            completeJoinIfReady(at: now)
        }
    }

    /// Begins the next generation if nobody is waited for.
    mutating func completeJoinIfReady(at now: Moment) {
        guard state == .preparingRebalance, initialDelayLeft == nil,
            pendingMembers.values.allSatisfy({ $0.connection == nil }),
            members.values.allSatisfy({ $0.joining != nil })
        else { return }
        completeJoin(at: now)
    }

    /// The time for joining is up.
    mutating func joinTimeIsUp(at now: Moment) {
        if let left = initialDelayLeft, hasGrown, left > 0 {
            let delay = min(limits.initialRebalanceDelayMilliseconds, left)
            initialDelayLeft = left - delay
            joinDeadline = now.monotonicMilliseconds + delay
            hasGrown = false
            return
        }
        completeJoin(at: now)
    }

    /// Begins the next generation with those who have joined. Static members that have not keep their place until their
    /// session ends.
    private mutating func completeJoin(at now: Moment) {
        for member in members.values where member.joining == nil && !member.isStatic { forget(member.id) }
        initialDelayLeft = nil
        if !members.isEmpty, !electJoinedLeader() {
            joinDeadline = now.monotonicMilliseconds + rebalanceTimeoutMilliseconds
            return
        }
        joinDeadline = nil
        generation = generation == .max ? 1 : generation + 1
        awaitedSyncs = []
        guard !members.isEmpty else {
            protocolName = nil
            leader = nil
            enter(.empty, at: now)
            actions.append(.store(snapshot(), .empty))
            return
        }
        protocolName = selectProtocol()
        enter(.completingRebalance, at: now)
        for member in membersInOrder {
            guard let ticket = member.joining else { continue }
            members[member.id]?.joining = nil
            members[member.id]?.isNew = false
            members[member.id]?.touch(at: now)
            awaitedSyncs.insert(member.id)
            answer(ticket, member.id, isLeader: leader == member.id)
        }
        syncDeadline = now.monotonicMilliseconds + rebalanceTimeoutMilliseconds
    }

    /// Makes sure that the leader is among those who have joined; false when nobody has.
    private mutating func electJoinedLeader() -> Bool {
        if let leader, members[leader]?.joining != nil { return true }
        guard let joined = membersInOrder.first(where: { $0.joining != nil }) else { return false }
        leader = joined.id
        return true
    }

    // MARK: - Protocols

    /// Names of protocols that every member speaks.
    private var commonProtocols: Set<String> {
        var common: Set<String>?
        for member in members.values {
            let own = Set(member.protocols.map(\.name))
            common = common?.intersection(own) ?? own
        }
        return common ?? []
    }

    /// The protocol that most members like best of those that all speak; of equally liked ones, the eldest member's.
    func selectProtocol() -> String? {
        let common = commonProtocols
        var votes: [String: Int] = [:]
        for member in members.values {
            guard let choice = member.protocols.first(where: { common.contains($0.name) }) else { continue }
            votes[choice.name, default: 0] += 1
        }
        let most = votes.values.max()
        let eldest = membersInOrder.first?.protocols.map(\.name) ?? []
        return eldest.first { votes[$0] == most } ?? votes.filter { $0.value == most }.keys.min()
    }
}
