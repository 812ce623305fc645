import KafkaWire
import Observability
import Synchronization

/// Members of the classic protocol in groups whose partitions the broker assigns, and groups that go back to it (KIP-848).
extension GroupCoordinator {
    /// A group as it has become, and what has to be written down for that.
    struct Kept {
        let group: Group
        let records: [InternalLog.Pair]
    }

    /// What becomes of a consumer group after `changes`: a classic one when its last member of the new protocol has gone
    /// and others are left, if that is allowed.
    func kept(
        _ id: String, _ group: ConsumerGroup, after before: ConsumerGroup, _ changes: [ConsumerGroupChange],
        at now: Moment
    ) -> Kept {
        let isLeftToClassic = before.hasNewMembers && !group.hasNewMembers && !group.members.isEmpty
        guard isLeftToClassic, options.migrationPolicy.allowsDowngrade, group.members.count <= options.membersMax else {
            return Kept(group: Group(group), records: changes.map { ConsumerGroupRecord.record($0, group: id) })
        }
        log.info("group \(id) goes back to the classic protocol, which all its members speak")
        let classic = ClassicGroup(downgrading: group, topics().names, limits: limits, at: now)
        let record = (key: GroupRecord.key(id), value: Optional(GroupRecord.value(classic.snapshot())))
        return Kept(group: Group(classic), records: ending(id, Group(before)) + [record])
    }

    /// Lets a classic member join a group whose partitions the broker assigns; false when this is not one with members.
    func joinConsumerGroup(
        _ id: String, _ join: ClassicGroup.Join, _ done: @escaping @Sendable (JoinGroupResponse) -> Void
    ) -> Bool {
        let now = Moment(clock)
        let (effect, deadline) = state.withLock { state -> ((@Sendable () -> Void)?, Int64?) in
            guard let before = state.table.group(id)?.consumer, !before.members.isEmpty else { return (nil, nil) }
            var group = before
            group.limits = consumerLimits(of: id)
            do throws(GroupRefusal) {
                let (response, changes) = try group.join(join, topics(), at: now)
                try checkBytes(added: group.byteCount - before.byteCount, state.table)
                let kept = kept(id, group, after: before, changes, at: now)
                let written = try append(kept.records)
                put(id, kept.group, in: &state)
                if group.epoch.number != before.epoch.number { rebalances.add() }
                let effect = whenDurable(written) { failure in
                    done(failure.map { JoinGroupResponse(errorCode: $0, memberID: join.memberID) } ?? response)
                }
                return (effect, state.table.nextDeadline)
            } catch {
                let response = JoinGroupResponse(errorCode: error.code, memberID: join.memberID)
                return ({ done(response) }, nil)
            }
        }
        effect?()
        if let deadline { ring(by: deadline) }
        return effect != nil
    }

    /// Tells a classic member what it may read in a group whose partitions the broker assigns; false when this is not one.
    func syncWithConsumerGroup(
        _ id: String, _ sync: ClassicGroup.Sync, _ done: @escaping @Sendable (SyncGroupResponse) -> Void
    ) -> Bool {
        let now = Moment(clock)
        let (response, deadline) = state.withLock { state -> (SyncGroupResponse?, Int64?) in
            guard var group = state.table.group(id)?.consumer else { return (nil, nil) }
            let response: SyncGroupResponse
            do throws(GroupRefusal) {
                response = try group.sync(sync, topics().names, at: now)
            } catch {
                response = SyncGroupResponse(errorCode: error.code)
            }
            put(id, Group(group), in: &state)
            return (response, state.table.nextDeadline)
        }
        guard let response else { return false }
        if let deadline { ring(by: deadline) }
        done(response)
        return true
    }

    /// Lets classic members leave a group whose partitions the broker assigns; nil when this is not one.
    func leaveConsumerGroup(_ id: String, _ leavers: [ClassicGroup.Leaver]) -> [ErrorCode]? {
        let now = Moment(clock)
        var errors: [ErrorCode]?
        let effect = state.withLock { state -> (@Sendable () -> Void)? in
            guard let before = state.table.group(id)?.consumer else { return nil }
            var group = before
            let left = group.leave(leavers, at: now)
            errors = left.errors
            guard !left.changes.isEmpty else { return nil }
            let kept = kept(id, group, after: before, left.changes, at: now)
            put(id, kept.group, in: &state)
            rebalances.add()
            return write(OffsetStore.Change(records: kept.records)) { _ in }
        }
        effect?()
        return errors
    }

    /// What is returned has `done` called when a change is durable, or at once when there is none.
    private func whenDurable(
        _ written: OffsetStore.Written?, _ done: @escaping @Sendable (ErrorCode?) -> Void
    ) -> @Sendable () -> Void {
        guard let written else { return { done(nil) } }
        return { [offsets] in offsets.whenDurable(written) { done($0?.coordinatorErrorCode) } }
    }
}
