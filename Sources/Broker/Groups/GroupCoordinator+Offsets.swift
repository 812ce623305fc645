import KafkaWire
import Synchronization

extension GroupCoordinator {
    /// Commits offsets if the identity may; `done` is called once, on any thread, when they are durable or with an error.
    func commit(
        _ id: String, _ identity: ClassicGroup.Identity, version: Int16 = ConsumerGroup.commitVersionMin,
        _ offsets: [(key: OffsetKey, value: CommittedOffset?)], _ done: @escaping @Sendable (ErrorCode) -> Void
    ) {
        let now = Moment(clock)
        let effect = state.withLock { state -> @Sendable () -> Void in
            let error = checkCommit(id, identity, version: version, &state.table, at: now)
            guard error == .none else { return { done(error) } }
            // Appended with the lock held, so that no commit of the next generation stands before it.
            return write(OffsetStore.Change(offsets: offsets)) { done($0?.coordinatorErrorCode ?? .none) }
        }
        effect()
    }

    /// Whether offsets may be committed under this identity. A commit counts as a sign of life.
    ///
    /// - Parameter version: of OffsetCommit; nil for offsets that are part of a transaction.
    func checkCommit(_ id: String, _ identity: ClassicGroup.Identity, version: Int16?) -> ErrorCode {
        let now = Moment(clock)
        return state.withLock { state in checkCommit(id, identity, version: version, &state.table, at: now) }
    }

    private func checkCommit(
        _ id: String, _ identity: ClassicGroup.Identity, version: Int16?, _ table: inout GroupTable, at now: Moment
    ) -> ErrorCode {
        if let consumer = table.group(id)?.consumer {
            do throws(GroupRefusal) {
                try consumer.checkCommit(
                    memberID: identity.memberID, memberEpoch: identity.generation, version: version)
                return .none
            } catch {
                return error.code
            }
        }
        let answer = table.touch(id) { group in
            group.classic?.checkCommit(identity, isTransactional: version == nil, at: now) ?? .unknownMemberID
        }
        if let answer { return answer }
        // Without members, anybody commits; who thinks to be one has to join again.
        if identity.generation < 0 { return .none }
        return version ?? 0 >= ConsumerGroup.commitVersionMin ? .groupIDNotFound : .illegalGeneration
    }

    /// Whether a member of a group that the broker assigns may ask for offsets; anybody may who does not say to be one.
    func checkFetch(_ id: String, memberID: String?, memberEpoch: Int32) -> ErrorCode {
        guard memberID != nil || memberEpoch >= 0, let consumer = group(id)?.consumer else { return .none }
        do throws(GroupRefusal) {
            try consumer.checkFetch(memberID: memberID, memberEpoch: memberEpoch)
            return .none
        } catch {
            return error.code
        }
    }

    /// Forgets committed offsets of partitions; `done` gets their errors in order, or that of the whole group.
    func deleteOffsets(
        _ id: String, _ partitions: [OffsetStore.TopicKey],
        _ done: @escaping @Sendable (_ whole: ErrorCode, _ errors: [ErrorCode]) -> Void
    ) {
        guard !id.isEmpty else { return done(.invalidGroupID, []) }
        let effect = state.withLock { state -> @Sendable () -> Void in
            let group = state.table.group(id)
            guard group != nil || offsets.hasOffsets(id) else { return { done(.groupIDNotFound, []) } }
            let subscription: TopicSubscription = group?.subscription ?? .nothing
            if case .unknown = subscription { return { done(.nonEmptyGroup, []) } }
            let errors = partitions.map { subscription.contains($0.topic) ? ErrorCode.groupSubscribedToTopic : .none }
            let gone = zip(partitions, errors).filter { $0.1 == .none }.map { partition, _ in
                (key: OffsetKey(group: id, topic: partition.topic, partition: partition.partition), value: nil)
                    as (key: OffsetKey, value: CommittedOffset?)
            }
            guard !gone.isEmpty else { return { done(.none, errors) } }
            return write(OffsetStore.Change(offsets: gone)) { [weak self] failure in
                self?.lookLater(at: [id])
                done(failure?.coordinatorErrorCode ?? .none, errors)
            }
        }
        effect()
    }

    /// Forgets groups without members and all that they have committed; `done` gets the errors in order.
    func delete(_ ids: [String], _ done: @escaping @Sendable ([ErrorCode]) -> Void) {
        var errors: [ErrorCode] = []
        var writes: [(@escaping @Sendable (BrokerError?) -> Void) -> Void] = []
        state.withLock { state in
            for id in ids {
                let (error, change) = deletion(of: id, &state.table)
                errors.append(error)
                guard change.count > 0 else { continue }
                do throws(BrokerError) {
                    let written = try offsets.write(change)
                    writes.append { [offsets] in offsets.whenDurable(written, $0) }
                } catch {
                    errors[errors.count - 1] = error.coordinatorErrorCode
                }
            }
        }
        let pending = PendingDeletions(errors, writes.count + 1, done)
        for write in writes { write { pending.finish($0?.coordinatorErrorCode) } }
        pending.finish(nil)
    }

    private func deletion(of id: String, _ table: inout GroupTable) -> (error: ErrorCode, change: OffsetStore.Change) {
        guard !id.isEmpty || offsets.hasOffsets(id) else { return (.invalidGroupID, OffsetStore.Change()) }
        let group = table.group(id)
        if let group, !group.isEmpty { return (.nonEmptyGroup, OffsetStore.Change()) }
        let committed = offsets.committed(group: id)
        guard group != nil || !committed.isEmpty else { return (.groupIDNotFound, OffsetStore.Change()) }
        table.remove(id)
        var change = OffsetStore.Change(
            offsets: committed.keys.map { (OffsetKey(group: id, topic: $0.topic, partition: $0.partition), nil) })
        if let group { change.records = ending(id, group) }
        return (.none, change)
    }

    // MARK: - Forgetting

    /// Forgets offsets of groups that have been empty for the time of retention, and what is left of groups without any.
    /// Waits for nothing.
    func expireOffsets() {
        for id in Set(offsets.groups).union(state.withLock { $0.table.names }) {
            let now = retentionTime()
            let effect = state.withLock { state -> (@Sendable () -> Void)? in
                let gone = expired(id, state.table.group(id), at: now)
                guard !gone.isEmpty else { return dropIfLeft(id, &state) }
                return write(OffsetStore.Change(offsets: gone.map { ($0, nil) })) { [weak self] _ in
                    self?.lookLater(at: [id])
                }
            }
            effect?()
        }
    }

    private func expired(_ id: String, _ group: Group?, at now: Int64) -> [OffsetKey] {
        if let group, !group.isEmpty { return [] }
        // Simple consumers never leave: for them, the time counts from each commit.
        let emptySince = group?.stateSinceMilliseconds ?? 0
        let oldest = now - options.offsetsRetentionMilliseconds
        return offsets.settled(group: id).filter { _, committed in
            if let expires = committed.expiresMilliseconds { return expires <= now }
            return max(committed.committedMilliseconds, emptySince) <= oldest
        }.map { OffsetKey(group: id, topic: $0.key.topic, partition: $0.key.partition) }
    }
}

/// Deletions of groups that are answered together when the last is durable.
private final class PendingDeletions: Sendable {
    private struct State: Sendable {
        var errors: [ErrorCode]
        var waiting: Int
    }

    private let state: Mutex<State>
    private let done: @Sendable ([ErrorCode]) -> Void

    init(_ errors: [ErrorCode], _ waiting: Int, _ done: @escaping @Sendable ([ErrorCode]) -> Void) {
        state = Mutex(State(errors: errors, waiting: waiting))
        self.done = done
    }

    func finish(_ failure: ErrorCode?) {
        let errors = state.withLock { state -> [ErrorCode]? in
            if let failure { state.errors = state.errors.map { $0 == .none ? failure : $0 } }
            state.waiting -= 1
            return state.waiting == 0 ? state.errors : nil
        }
        if let errors { done(errors) }
    }
}
