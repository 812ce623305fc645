import KafkaWire
import Observability
import Synchronization

/// Groups whose partitions the broker assigns (KIP-848).
extension GroupCoordinator {
    /// How long a group is kept that has neither members nor offsets: one that was silent for too long finds it again,
    /// ms.
    private static let emptyMilliseconds: Int64 = 300_000

    /// A member joins, stays in or leaves; `done` is called once, on any thread, when what came of it is durable.
    func heartbeat(
        _ request: ConsumerGroupHeartbeatRequest, version: Int16, from client: GroupClient, _ topics: TopicSnapshot,
        _ done: @escaping @Sendable (ConsumerGroupHeartbeatResponse) -> Void
    ) {
        let now = Moment(clock)
        let (effect, deadline) = state.withLock { state -> (@Sendable () -> Void, Int64?) in
            do throws(GroupRefusal) {
                try ConsumerGroupHeartbeatCheck.check(request, version: version)
                let beat = try beat(request, client, topics, &state, at: now)
                let effect: @Sendable () -> Void = { [offsets] in
                    for effect in beat.effects { effect() }
                    guard let written = beat.written else { return done(beat.response) }
                    offsets.whenDurable(written) { failure in
                        done(failure.map { GroupRefusal($0).response } ?? beat.response)
                    }
                }
                return (effect, state.table.nextDeadline)
            } catch {
                let response = error.response
                return ({ done(response) }, nil)
            }
        }
        effect()
        if let deadline { ring(by: deadline) }
    }

    /// What a heartbeat came to.
    private struct Beat {
        let response: ConsumerGroupHeartbeatResponse
        /// What must be durable before the answer; nil for nothing.
        let written: OffsetStore.Written?
        /// Answers to members that have waited in the classic group that this one was.
        let effects: [@Sendable () -> Void]
    }

    /// Does a heartbeat and appends what came of it; nothing happens when either is refused.
    private func beat(
        _ request: ConsumerGroupHeartbeatRequest, _ client: GroupClient, _ topics: TopicSnapshot,
        _ state: inout State, at now: Moment
    ) throws(GroupRefusal) -> Beat {
        let id = request.groupID
        let known = state.table.group(id)
        let before = try consumerGroup(known, request, topics, state.table, at: now)
        var group = before
        group.limits = consumerLimits(of: id)
        let outcome = try group.heartbeat(request, from: client, topics, at: now)
        try checkBytes(added: group.byteCount - before.byteCount, state.table)
        // What a classic group has left behind goes first, in the same batch.
        let upgraded = known.flatMap { $0.classic == nil ? nil : $0 }
        let ended = upgraded.map { ending(id, $0) + before.changes.map { ConsumerGroupRecord.record($0, group: id) } }
        let kept = kept(id, group, after: before, outcome.changes, at: now)
        let written = try append((ended ?? []) + kept.records)
        var effects: [@Sendable () -> Void] = []
        if var classic = known?.classic {
            effects = classic.dissolve().compactMap { effect($0, id, &state) }
            if !classic.members.isEmpty {
                log.info("group \(id) goes over to the protocol in which the broker assigns")
            }
        }
        put(id, kept.group, in: &state)
        if group.epoch.number != before.epoch.number { rebalances.add() }
        return Beat(response: outcome.response, written: written, effects: effects)
    }

    /// Throws when a member makes the broker keep so many bytes more that there is no room for them.
    func checkBytes(added: Int, _ table: GroupTable) throws(GroupRefusal) {
        guard added <= Self.memberBytesMax else {
            throw GroupRefusal(.invalidRequest, "a member may say at most \(Self.memberBytesMax) bytes about itself")
        }
        guard added <= 0 || table.byteCount + added <= Self.bytesMax else {
            throw GroupRefusal(.coordinatorNotAvailable, "members of groups take \(Self.bytesMax) bytes")
        }
    }

    /// Keeps a group as it has become.
    func put(_ id: String, _ group: Group, in state: inout State) {
        if let consumer = group.consumer, state.table.group(id)?.consumer != nil {
            _ = state.table.update(id) { $0.consumer = consumer }
        } else {
            state.table.put(id, group)
        }
    }

    /// The group that a heartbeat is for. A member that joins makes it, also in place of a classic group, whose members
    /// come over if that is allowed.
    private func consumerGroup(
        _ known: Group?, _ request: ConsumerGroupHeartbeatRequest, _ topics: TopicSnapshot, _ table: GroupTable,
        at now: Moment
    ) throws(GroupRefusal) -> ConsumerGroup {
        if let consumer = known?.consumer { return consumer }
        guard request.memberEpoch == 0 else {
            throw GroupRefusal(.groupIDNotFound, "there is no consumer group \(request.groupID)")
        }
        let limits = consumerLimits(of: request.groupID)
        if let known, let classic = known.classic, !known.isEmpty || !known.isVacant {
            guard options.migrationPolicy.allowsUpgrade else {
                throw GroupRefusal(
                    .groupIDNotFound, "group \(request.groupID) is a classic group that has members, which stay there")
            }
            return try ConsumerGroup(upgrading: classic, topics, limits: limits, at: now)
        }
        guard known != nil || table.count < options.groupsMax else {
            throw GroupRefusal(.coordinatorNotAvailable, "there are \(options.groupsMax) groups, the most allowed")
        }
        return ConsumerGroup(request.groupID, limits: limits, at: now)
    }

    func append(_ records: [InternalLog.Pair]) throws(GroupRefusal) -> OffsetStore.Written? {
        guard !records.isEmpty else { return nil }
        do throws(BrokerError) {
            return try offsets.write(OffsetStore.Change(records: records))
        } catch {
            log.warningOncePerMinute(cause: "write", "a group could not be written down: \(error)")
            throw GroupRefusal(error)
        }
    }

    /// Removes members whose time is over.
    func expireConsumers(_ id: String) {
        let now = Moment(clock)
        let effect = state.withLock { state -> (@Sendable () -> Void)? in
            guard let before = state.table.group(id)?.consumer else { return nil }
            var group = before
            let changes = group.expire(at: now)
            let kept = kept(id, group, after: before, changes, at: now)
            put(id, kept.group, in: &state)
            guard !changes.isEmpty else { return nil }
            log.info("group \(id): removed members that were silent or slow to give up their partitions")
            rebalances.add()
            return write(OffsetStore.Change(records: kept.records)) { _ in }
        }
        effect?()
    }

    /// Makes room for a classic group of this name when the present one has no members.
    func dropEmptyConsumerGroup(_ id: String) {
        let effect = state.withLock { state -> (@Sendable () -> Void)? in
            guard let group = state.table.group(id), group.consumer != nil, group.isEmpty else { return nil }
            state.table.remove(id)
            let records = ending(id, group)
            return records.isEmpty ? nil : write(OffsetStore.Change(records: records)) { _ in }
        }
        effect?()
    }

    /// Whether a group without members need not be kept for those that come back late.
    func hasBeenForgotten(_ group: ConsumerGroup) -> Bool {
        Moment(clock).wallMilliseconds - group.emptySinceMilliseconds >= Self.emptyMilliseconds
    }
}

extension GroupRefusal {
    /// A failure to write down, as a member is told.
    init(_ failure: BrokerError) {
        self.init(failure.coordinatorErrorCode, failure.message)
    }

    fileprivate var response: ConsumerGroupHeartbeatResponse {
        ConsumerGroupHeartbeatResponse(errorCode: code, errorMessage: message)
    }
}
