import Bytes
import KafkaWire
import Observability
import Synchronization
import System

/// Who sends a request to a group.
struct GroupClient: Sendable {
    /// How the client calls itself.
    var id: String
    /// Where it is, such as `/127.0.0.1`.
    var host: String
    /// The number of its connection.
    var connection: UInt64
}

/// The one place that does what groups want done: it answers who waits, writes groups and offsets down, and watches the
/// time.
///
/// Thread-safe. Groups are values in a table under one lock. Records are appended with the lock held, so that their order
/// is that of the changes; nobody waits for the disk with it held. What the disk says comes back through the coordinator's
/// own thread, never on that of the log's flusher.
final class GroupCoordinator: Sendable {
    /// Bytes that one member may make the broker keep.
    static let memberBytesMax = 1 << 20
    /// Bytes that the members of all groups may make the broker keep.
    static let bytesMax = 128 << 20
    /// Characters of a client's name that become part of its member id.
    private static let memberNameMax = 200

    /// A group that was written down, or could not be.
    struct StoreResult: Sendable {
        let group: String
        let reason: ClassicGroupAction.StoreReason
        let failure: ErrorCode
    }

    /// What others leave for the coordinator's thread; it has a lock of its own, so that they never wait for a group's.
    private struct Inbox: Sendable {
        /// What the disk said of groups that were written down.
        var stored: [StoreResult] = []
        /// Groups that may have lost their last offset.
        var left: [String] = []
    }

    struct State: Sendable {
        var table = GroupTable()
        /// When it is looked for offsets to forget, monotonic ms.
        var nextExpiry: Int64 = .min
    }

    let offsets: OffsetStore
    let options: GroupOptions
    let clock: any Clock
    /// The wall time by which offsets are old, ms since the epoch: one that a jump of the clock does not move.
    let retentionTime: @Sendable () -> Int64
    let state = Mutex(State())
    private let inbox = Mutex(Inbox())
    private let alarm = Mutex<Alarm?>(nil)
    private let settings: DynamicSettings
    /// Which topics there are now.
    let topics: @Sendable () -> TopicSnapshot
    let rebalances: Counter
    let log = Log("groups")

    /// Takes up the groups that `offsets` has records of. `start` begins to watch the time.
    init(
        _ offsets: OffsetStore, options: GroupOptions, settings: DynamicSettings,
        topics: @escaping @Sendable () -> TopicSnapshot, metrics: Metrics, clock: any Clock,
        retentionTime: @escaping @Sendable () -> Int64
    ) {
        self.offsets = offsets
        self.topics = topics
        self.options = options
        self.settings = settings
        self.clock = clock
        self.retentionTime = retentionTime
        rebalances = metrics.counter("sluice_group_rebalances_total", "Generations of groups that have begun.")
        restore()
    }

    var limits: ClassicGroup.Limits {
        ClassicGroup.Limits(
            initialRebalanceDelayMilliseconds: options.initialRebalanceDelayMilliseconds,
            membersMax: options.membersMax)
    }

    /// The limits of a group, whose own settings count before the broker's.
    func consumerLimits(of id: String) -> ConsumerGroup.Limits {
        let own = settings.group(id)
        func milliseconds(_ setting: GroupSetting) -> Int32 {
            own[setting.name].flatMap { Int32($0) } ?? setting.standard(options)
        }
        return ConsumerGroup.Limits(
            sessionTimeoutMilliseconds: milliseconds(.sessionTimeout),
            heartbeatIntervalMilliseconds: milliseconds(.heartbeatInterval), membersMax: options.membersMax)
    }

    private func restore() {
        let now = Moment(clock)
        var unreadable = 0
        var consumers: [String: [ConsumerGroupChange]] = [:]
        state.withLock { state in
            for (key, value) in offsets.records {
                do throws(DecodeError) {
                    if let id = try key.parsed(GroupRecord.parseKey) {
                        let stored = try value.parsed(GroupRecord.parseValue)
                        state.table.put(id, Group(ClassicGroup(id, stored, limits: limits, at: now)))
                    } else if let (id, change) = try ConsumerGroupRecord.parse(key: key, value: value) {
                        consumers[id, default: []].append(change)
                    }
                } catch {
                    unreadable += 1
                }
            }
            for (id, changes) in consumers {
                state.table.put(id, Group(ConsumerGroup(id, changes, limits: consumerLimits(of: id), at: now)))
            }
        }
        if unreadable > 0 {
            log.warning("\(TopicName.consumerOffsets): \(unreadable) groups cannot be read; their members join again")
        }
    }

    /// Begins to watch the time, on a thread of its own.
    func start() {
        alarm.withLock { alarm in
            precondition(alarm == nil, "a coordinator is started once")
            alarm = Alarm("groups", clock: clock) { [weak self] in self?.tick() }
        }
        ring(by: .min)
    }

    /// Ends the thread. Requests that wait are not answered any more.
    func stop() {
        let running = alarm.withLock { alarm in
            defer { alarm = nil }
            return alarm
        }
        running?.stop()
    }

    // MARK: - Members

    /// A member joins; `done` is called once, on any thread, now or when the next generation begins.
    func join(
        _ request: JoinGroupRequest, version: Int16, from client: GroupClient,
        _ done: @escaping @Sendable (JoinGroupResponse) -> Void
    ) {
        let refusal = check(request)
        let join = Self.join(request, version, client)
        if refusal == .none {
            if request.memberID.isEmpty { dropEmptyConsumerGroup(request.groupID) }
            if joinConsumerGroup(request.groupID, join, done) { return }
        }
        perform(request.groupID) { state, now in
            let ticket = state.table.park(.join(done), in: request.groupID, connection: client.connection)
            let error = refusal == .none ? admit(request, &state.table, at: now) : refusal
            guard error == .none else {
                return [.answerJoin(ticket, JoinGroupResponse(errorCode: error, memberID: request.memberID))]
            }
            return change(request.groupID, &state) { $0.join(join, ticket, at: now) }
        }
    }

    /// Why a JoinGroup cannot be taken, whatever the group.
    private func check(_ request: JoinGroupRequest) -> ErrorCode {
        guard !request.groupID.isEmpty else { return .invalidGroupID }
        guard
            (options.sessionTimeoutMinMilliseconds...options.sessionTimeoutMaxMilliseconds)
                .contains(request.sessionTimeoutMilliseconds)
        else { return .invalidSessionTimeout }
        return Self.byteCount(request) <= Self.memberBytesMax ? .none : .invalidRequest
    }

    /// Makes the group if there is none and the member is new; an error when it cannot be.
    private func admit(_ request: JoinGroupRequest, _ table: inout GroupTable, at now: Moment) -> ErrorCode {
        guard table.byteCount + Self.byteCount(request) <= Self.bytesMax else {
            log.warningOncePerMinute(
                cause: "bytes", "members of groups take \(Self.bytesMax) bytes: nobody else can join")
            return .coordinatorNotAvailable
        }
        if let group = table.group(request.groupID) {
            return group.classic == nil ? .inconsistentGroupProtocol : .none
        }
        guard request.memberID.isEmpty else { return .unknownMemberID }
        guard table.count < options.groupsMax else {
            log.warningOncePerMinute(cause: "groups", "there are \(options.groupsMax) groups: no other can be made")
            return .coordinatorNotAvailable
        }
        table.put(request.groupID, Group(ClassicGroup(request.groupID, limits: limits, at: now)))
        return .none
    }

    private static func byteCount(_ request: JoinGroupRequest) -> Int {
        request.protocols.reduce(0) { $0 + $1.name.utf8.count + $1.metadata.count }
    }

    private static func join(
        _ request: JoinGroupRequest, _ version: Int16, _ client: GroupClient
    ) -> ClassicGroup.Join {
        let name = String((request.groupInstanceID ?? client.id).prefix(memberNameMax))
        let session = request.sessionTimeoutMilliseconds
        let rebalance = request.rebalanceTimeoutMilliseconds
        return ClassicGroup.Join(
            memberID: request.memberID, newMemberID: "\(name)-\(UUID.random())", instanceID: request.groupInstanceID,
            clientID: client.id, clientHost: client.host, protocolType: request.protocolType,
            protocols: request.protocols.map { GroupProtocol(name: $0.name, metadata: $0.metadata) },
            sessionTimeoutMilliseconds: session, rebalanceTimeoutMilliseconds: rebalance < 0 ? session : rebalance,
            requiresKnownMemberID: version >= 4, canSkipAssignment: version >= 9)
    }

    /// A member asks for its assignment; `done` is called once, on any thread, now or when the leader has assigned.
    func sync(
        _ request: SyncGroupRequest, connection: UInt64, _ done: @escaping @Sendable (SyncGroupResponse) -> Void
    ) {
        let assignments = Dictionary(request.assignments.map { ($0.memberID, $0.assignment) }) { $1 }
        let sync = ClassicGroup.Sync(
            identity: ClassicGroup.Identity(
                memberID: request.memberID, instanceID: request.groupInstanceID, generation: request.generation),
            protocolType: request.protocolType, protocolName: request.protocolName, assignments: assignments)
        let bytes = assignments.values.reduce(0) { $0 + $1.count }
        if syncWithConsumerGroup(request.groupID, sync, done) { return }
        let isTooLarge = assignments.values.contains { $0.count > Self.memberBytesMax }
        perform(request.groupID) { state, now in
            let ticket = state.table.park(.sync(done), in: request.groupID, connection: connection)
            let error: ErrorCode =
                if request.groupID.isEmpty {
                    .invalidGroupID
                } else if state.table.group(request.groupID)?.classic == nil {
                    .unknownMemberID
                } else {
                    isTooLarge || state.table.byteCount + bytes > Self.bytesMax ? .invalidRequest : .none
                }
            guard error == .none else { return [.answerSync(ticket, SyncGroupResponse(errorCode: error))] }
            return change(request.groupID, &state) { $0.sync(sync, ticket, at: now) }
        }
    }

    /// A member is still there.
    func heartbeat(_ id: String, _ identity: ClassicGroup.Identity) -> ErrorCode {
        guard !id.isEmpty else { return .invalidGroupID }
        let now = Moment(clock)
        let (answer, deadline) = state.withLock { state -> (ErrorCode?, Int64?) in
            if state.table.group(id)?.consumer == nil {
                return (state.table.touch(id) { $0.classic?.heartbeat(identity, at: now) ?? .unknownMemberID }, nil)
            }
            let answer = state.table.update(id) { $0.consumer?.heartbeat(identity, at: now) ?? .unknownMemberID }
            return (answer, state.table.nextDeadline)
        }
        if let deadline { ring(by: deadline) }
        return answer ?? .unknownMemberID
    }

    /// Members leave; the errors are in their order.
    func leave(_ id: String, _ leavers: [ClassicGroup.Leaver]) -> [ErrorCode] {
        if let errors = leaveConsumerGroup(id, leavers) { return errors }
        var errors = [ErrorCode](repeating: .unknownMemberID, count: leavers.count)
        perform(id) { state, now in
            change(id, &state) { group in
                let left = group.leave(leavers, at: now)
                errors = left.errors
                return left.actions
            }
        }
        return errors
    }

    /// A connection has ended: nobody waits for its answers any more.
    func disconnected(_ connection: UInt64) {
        let ids = state.withLock { $0.table.groups(of: connection) }
        for id in ids {
            perform(id) { state, now in change(id, &state) { $0.disconnected(connection, at: now) } }
        }
    }

    // MARK: - Doing what groups want done

    /// Changes groups under the lock, then does outside of it what came up. `body` is told the moment.
    func perform(_ id: String, _ body: (inout State, Moment) -> [ClassicGroupAction]) {
        let now = Moment(clock)
        let (effects, deadline) = state.withLock { state in
            let actions = body(&state, now)
            var effects = actions.compactMap { effect($0, id, &state) }
            if let effect = dropIfLeft(id, &state) { effects.append(effect) }
            return (effects, state.table.nextDeadline)
        }
        for effect in effects { effect() }
        if let deadline { ring(by: deadline) }
    }

    /// Changes a classic group where it stands; nothing comes of it when there is none.
    private func change(
        _ id: String, _ state: inout State, _ body: (inout ClassicGroup) -> [ClassicGroupAction]
    ) -> [ClassicGroupAction] {
        let actions = state.table.update(id) { group -> [ClassicGroupAction]? in
            let generation = group.classic?.generation
            defer { if group.classic?.generation != generation { rebalances.add() } }
            return group.classic.mutate(body)
        }
        return (actions ?? nil) ?? []
    }

    /// Does the part of an action that belongs under the lock; returns the rest.
    func effect(
        _ action: ClassicGroupAction, _ id: String, _ state: inout State
    ) -> (@Sendable () -> Void)? {
        switch action {
        case .answerJoin(let ticket, let response):
            guard case .join(let done) = state.table.take(ticket) else { return nil }
            return { done(response) }
        case .answerSync(let ticket, let response):
            guard case .sync(let done) = state.table.take(ticket) else { return nil }
            return { done(response) }
        case .store(let group, let reason):
            // A group that leaves nothing behind is removed instead.
            if reason == .empty, !offsets.hasOffsets(id) { return nil }
            let record = (key: GroupRecord.key(id), value: Optional(GroupRecord.value(group)))
            return write(OffsetStore.Change(records: [record])) { [weak self] failure in
                guard reason != .empty else { return }
                self?.note(StoreResult(group: id, reason: reason, failure: failure?.coordinatorErrorCode ?? .none))
            }
        }
    }

    /// Appends a change; what is returned has `done` called, on any thread, when it is durable or has failed.
    func write(
        _ change: OffsetStore.Change, _ done: @escaping @Sendable (BrokerError?) -> Void
    ) -> @Sendable () -> Void {
        do throws(BrokerError) {
            let written = try offsets.write(change)
            return { [offsets] in offsets.whenDurable(written, done) }
        } catch {
            log.warningOncePerMinute(cause: "write", "a group could not be written down: \(error)")
            return { done(error) }
        }
    }

    /// Forgets a group that has neither members nor offsets.
    func dropIfLeft(_ id: String, _ state: inout State) -> (@Sendable () -> Void)? {
        guard let group = state.table.group(id), group.isEmpty, group.isVacant, !offsets.hasOffsets(id) else {
            return nil
        }
        if let consumer = group.consumer, !hasBeenForgotten(consumer) { return nil }
        state.table.remove(id)
        let records = ending(id, group)
        return records.isEmpty ? nil : write(OffsetStore.Change(records: records)) { _ in }
    }

    /// What has to be written down so that nothing of a group is left.
    func ending(_ id: String, _ group: Group) -> [InternalLog.Pair] {
        group.recordKeys(id).filter(offsets.hasRecord).map { ($0, nil) }
    }

    private func note(_ result: StoreResult) {
        inbox.withLock { $0.stored.append(result) }
        ring(by: .min)
    }

    /// Has the coordinator's thread forget those of the groups that have neither members nor offsets any more.
    func lookLater(at ids: [String]) {
        guard !ids.isEmpty else { return }
        inbox.withLock { $0.left += ids }
        ring(by: .min)
    }

    func ring(by moment: Int64) { alarm.withLock { $0?.ring(by: moment) } }

    // MARK: - Time

    /// Does what is due; returns when something is due next, monotonic ms. On the coordinator's thread, or a test's.
    @discardableResult
    func tick() -> Int64? {
        let inbox = inbox.withLock { inbox in
            defer { inbox = Inbox() }
            return inbox
        }
        for result in inbox.stored {
            perform(result.group) { state, now in
                change(result.group, &state) { $0.stored(result.reason, result.failure, at: now) }
            }
        }
        for id in inbox.left { perform(id) { _, _ in [] } }
        let time = Moment(clock).monotonicMilliseconds
        while let id = state.withLock({ $0.table.popDue(at: time) }) {
            perform(id) { state, now in change(id, &state) { $0.expire(at: now) } }
            expireConsumers(id)
        }
        let isExpiryDue = state.withLock { state in
            guard state.nextExpiry <= time else { return false }
            state.nextExpiry = time + options.offsetsRetentionCheckMilliseconds
            return true
        }
        if isExpiryDue { expireOffsets() }
        return state.withLock { min($0.table.nextDeadline ?? .max, $0.nextExpiry) }
    }
}

extension Optional where Wrapped == ClassicGroup {
    /// Changes the group where it stands; nil when there is none.
    fileprivate mutating func mutate<R>(_ body: (inout ClassicGroup) -> R) -> R? {
        guard self != nil else { return nil }
        return body(&self!)
    }
}

extension BrokerError {
    /// What a member or a committing client is told: it is to try again, with a coordinator looked up anew.
    var coordinatorErrorCode: ErrorCode {
        switch kind {
        case .storageFull, .storage, .closed: .coordinatorNotAvailable
        default: errorCode
        }
    }
}
