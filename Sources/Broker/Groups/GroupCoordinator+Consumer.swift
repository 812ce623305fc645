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
                let (response, change) = try beat(request, client, topics, &state, at: now)
                guard let written = change else { return ({ done(response) }, state.table.nextDeadline) }
                let effect: @Sendable () -> Void = { [offsets] in
                    offsets.whenDurable(written) { failure in
                        done(failure.map { GroupRefusal($0).response } ?? response)
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

    /// Does a heartbeat and appends what came of it; nothing happens when either is refused.
    private func beat(
        _ request: ConsumerGroupHeartbeatRequest, _ client: GroupClient, _ topics: TopicSnapshot,
        _ state: inout State, at now: Moment
    ) throws(GroupRefusal) -> (ConsumerGroupHeartbeatResponse, OffsetStore.Written?) {
        let id = request.groupID
        let known = state.table.group(id)
        var group = try consumerGroup(known, request, state.table, at: now)
        group.limits = consumerLimits(of: id)
        let before = (epoch: group.epoch.number, bytes: group.byteCount)
        let outcome = try group.heartbeat(request, from: client, topics, at: now)
        let added = group.byteCount - before.bytes
        guard added <= Self.memberBytesMax else {
            throw GroupRefusal(.invalidRequest, "a member may say at most \(Self.memberBytesMax) bytes about itself")
        }
        guard added <= 0 || state.table.byteCount + added <= Self.bytesMax else {
            throw GroupRefusal(.coordinatorNotAvailable, "members of groups take \(Self.bytesMax) bytes")
        }
        var records = outcome.changes.map { ConsumerGroupRecord.record($0, group: id) }
        // What a classic group of this name has left behind goes first, in the same batch.
        if let known, known.consumer == nil { records = ending(id, known) + records }
        let written = try append(records)
        if known?.consumer != nil {
            _ = state.table.update(id) { $0.consumer = group }
        } else {
            state.table.put(id, Group(group))
        }
        if group.epoch.number != before.epoch { rebalances.add() }
        return (outcome.response, written)
    }

    /// The group that a heartbeat is for. A member that joins makes it, also in place of a classic group that is empty.
    private func consumerGroup(
        _ known: Group?, _ request: ConsumerGroupHeartbeatRequest, _ table: GroupTable, at now: Moment
    ) throws(GroupRefusal) -> ConsumerGroup {
        if let consumer = known?.consumer { return consumer }
        guard request.memberEpoch == 0 else {
            throw GroupRefusal(.groupIDNotFound, "there is no consumer group \(request.groupID)")
        }
        if let known, !known.isEmpty || !known.isVacant {
            throw GroupRefusal(.groupIDNotFound, "group \(request.groupID) is a classic group that has members")
        }
        guard known != nil || table.count < options.groupsMax else {
            throw GroupRefusal(.coordinatorNotAvailable, "there are \(options.groupsMax) groups, the most allowed")
        }
        return ConsumerGroup(request.groupID, limits: consumerLimits(of: request.groupID), at: now)
    }

    private func append(_ records: [InternalLog.Pair]) throws(GroupRefusal) -> OffsetStore.Written? {
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
            guard var group = state.table.group(id)?.consumer else { return nil }
            let changes = group.expire(at: now)
            _ = state.table.update(id) { $0.consumer = group }
            guard !changes.isEmpty else { return nil }
            log.info("group \(id): removed members that were silent or slow to give up their partitions")
            rebalances.add()
            let records = changes.map { ConsumerGroupRecord.record($0, group: id) }
            return write(OffsetStore.Change(records: records)) { _ in }
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
    fileprivate init(_ failure: BrokerError) {
        self.init(failure.coordinatorErrorCode, failure.message)
    }

    fileprivate var response: ConsumerGroupHeartbeatResponse {
        ConsumerGroupHeartbeatResponse(errorCode: code, errorMessage: message)
    }
}
