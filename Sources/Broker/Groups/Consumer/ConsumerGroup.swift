import Bytes
import KafkaWire

/// A group whose partitions the broker assigns (KIP-848), as a value.
///
/// Whoever calls works on a copy, writes down the changes that a call returns, and keeps the copy once they are written.
/// `apply` alone changes what lasts, so the same changes make the same group when they are read again.
///
/// Every change of members, of what they want or of the topics raises the group's epoch. The next heartbeat of any member
/// makes a target assignment for that epoch, and each member is led towards its target by its own heartbeats.
struct ConsumerGroup: Sendable {
    /// Different patterns of the members of one group.
    static let patternsMax = 100

    /// How long members may be silent, how often they are to speak, and how many there may be.
    struct Limits: Sendable {
        /// Kafka `group.consumer.session.timeout.ms`.
        var sessionTimeoutMilliseconds: Int32 = 45_000
        /// Kafka `group.consumer.heartbeat.interval.ms`.
        var heartbeatIntervalMilliseconds: Int32 = 5_000
        /// Kafka `group.consumer.max.size`.
        var membersMax = 250
    }

    /// What a call says and what has to be written down for it.
    struct Outcome: Sendable {
        var response: ConsumerGroupHeartbeatResponse
        var changes: [ConsumerGroupChange]
    }

    /// When a member is given up.
    struct Deadlines: Equatable, Sendable {
        /// No heartbeat came, monotonic ms.
        var sessionMilliseconds: Int64
        /// It has not given up its partitions, or has not joined or synced as it was to, monotonic ms; nil while it need not.
        var rebalanceMilliseconds: Int64?
    }

    let id: String
    /// May change between heartbeats: groups have settings of their own.
    var limits: Limits
    private(set) var epoch = ConsumerGroupChange.Epoch(number: 0, topicsHash: 0)
    private(set) var targetEpoch: Int32 = 0
    private(set) var members: [String: ConsumerGroupMember] = [:]
    private(set) var targets: [String: PartitionAssignment] = [:]
    /// Bytes that members made the broker keep.
    private(set) var byteCount = 0

    // What does not last: it is made again from the topics and the clock.
    private(set) var deadlines: [String: Deadlines] = [:]
    var subscription = ConsumerGroupSubscription()
    /// Since when the group has had no members, as far as this process knows, ms since the epoch.
    private(set) var emptySinceMilliseconds: Int64

    /// A group that nobody has joined yet.
    init(_ id: String, limits: Limits, at now: Moment) {
        self.id = id
        self.limits = limits
        emptySinceMilliseconds = now.wallMilliseconds
    }

    /// A group as it was written down, whatever the order: its members have their whole session to be heard of again.
    init(_ id: String, _ changes: [ConsumerGroupChange], limits: Limits, at now: Moment) {
        self.init(id, limits: limits, at: now)
        // Members come first: how far one has come means nothing without it.
        for change in changes { if case .member = change { apply(change) } }
        for change in changes { if case .member = change { continue } else { apply(change) } }
        for (id, member) in members { keepAlive(id, member, at: now) }
    }

    /// What a describing client is told.
    enum State: String, Sendable {
        case empty = "Empty"
        case assigning = "Assigning"
        case reconciling = "Reconciling"
        case stable = "Stable"
    }

    var state: State {
        if members.isEmpty { return .empty }
        if epoch.number > targetEpoch { return .assigning }
        let isSettled = members.values.allSatisfy { $0.progress.state == .stable && $0.progress.epoch == targetEpoch }
        return isSettled ? .stable : .reconciling
    }

    /// The assignor that most members name; of several the first by name.
    var assignor: ServerAssignor {
        let votes = Dictionary(grouping: members.values.compactMap(\.description.assignor), by: { $0 }).mapValues(
            \.count)
        return votes.min { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }?.key ?? .preferred
    }

    /// The member of a static id.
    func memberID(instanceID: String) -> String? {
        members.first { $0.value.description.instanceID == instanceID }?.key
    }

    /// What all members but one hold.
    func held(exceptBy memberID: String) -> PartitionAssignment {
        var held: [UUID: Set<Int32>] = [:]
        for (id, member) in members where id != memberID {
            for (topic, partitions) in member.progress.held.byTopic { held[topic, default: []].formUnion(partitions) }
        }
        return PartitionAssignment(held)
    }

    // MARK: - Changes

    /// Makes a change; changes of members that are not there do nothing.
    mutating func apply(_ change: ConsumerGroupChange) {
        switch change {
        case .group(let epoch): self.epoch = epoch ?? ConsumerGroupChange.Epoch(number: 0, topicsHash: 0)
        case .targetEpoch(let epoch): targetEpoch = epoch ?? 0
        case .member(let id, let description?):
            byteCount += description.byteCount - (members[id]?.description.byteCount ?? 0)
            members[id, default: ConsumerGroupMember(description: description)].description = description
        case .member(let id, nil):
            byteCount -= members[id]?.description.byteCount ?? 0
            members[id] = nil
            deadlines[id] = nil
        case .target(let id, let target): targets[id] = target
        case .progress(let id, let progress): members[id]?.progress = progress ?? ConsumerGroupMember.Progress()
        }
    }

    /// Everything that makes the group what it is, as changes of a new one.
    var changes: [ConsumerGroupChange] {
        [.group(epoch)]
            + members.map { .member($0.key, $0.value.description) } + [.targetEpoch(targetEpoch)]
            + targets.map { .target($0.key, $0.value) } + members.map { .progress($0.key, $0.value.progress) }
    }

    /// What ends the group.
    var ending: [ConsumerGroupChange] {
        Set(members.keys).union(targets.keys).sorted().flatMap(Self.removal)
            + [.targetEpoch(nil), .group(nil)]
    }

    /// What removes a member.
    static func removal(_ memberID: String) -> [ConsumerGroupChange] {
        [.progress(memberID, nil), .target(memberID, nil), .member(memberID, nil)]
    }

    // MARK: - Time

    /// Notes that a member was heard of.
    mutating func keepAlive(_ id: String, _ member: ConsumerGroupMember, at now: Moment) {
        let old = deadlines[id]?.rebalanceMilliseconds
        let isGivingUp = member.progress.state == .unrevokedPartitions
        let limit = Self.rebalanceLimit(member, at: now)
        let classic = member.description.classic
        let session = classic?.sessionTimeoutMilliseconds ?? limits.sessionTimeoutMilliseconds
        deadlines[id] = Deadlines(
            sessionMilliseconds: now.monotonicMilliseconds + Int64(session),
            // When members of the classic protocol are to join or sync is said apart (`awaitStep`).
            rebalanceMilliseconds: classic != nil ? old : isGivingUp ? old ?? limit : nil)
    }

    private static func rebalanceLimit(_ member: ConsumerGroupMember, at now: Moment) -> Int64 {
        now.monotonicMilliseconds + Int64(max(0, member.description.rebalanceTimeoutMilliseconds))
    }

    /// What is awaited of a member that speaks the classic protocol.
    enum AwaitedStep {
        /// A sync or another join, for the time of a rebalance from now on.
        case anew
        /// The same, for the time that is running already if one is.
        case ifNotYet
        /// Nothing but heartbeats.
        case noMore
    }

    /// Notes that a member of the classic protocol was heard of, and what is awaited of it.
    mutating func awaitStep(_ id: String, _ step: AwaitedStep, at now: Moment) {
        guard let member = members[id] else { return }
        keepAlive(id, member, at: now)
        let limit = Self.rebalanceLimit(member, at: now)
        let running = deadlines[id]?.rebalanceMilliseconds
        deadlines[id]?.rebalanceMilliseconds =
            switch step {
            case .anew: limit
            case .ifNotYet: running ?? limit
            case .noMore: nil
            }
    }

    /// Begins the time that a member has to give up partitions anew.
    mutating func restartRebalance(_ id: String) { deadlines[id]?.rebalanceMilliseconds = nil }

    /// The first moment, monotonic ms, at which `expire` has something to do; nil while there is no member.
    var nextDeadline: Int64? {
        deadlines.values.map { min($0.sessionMilliseconds, $0.rebalanceMilliseconds ?? .max) }.min()
    }

    /// Removes members whose time is over.
    ///
    /// - Returns: what has to be written down; empty when nobody's time is over.
    mutating func expire(at now: Moment) -> [ConsumerGroupChange] {
        let late = deadlines.filter {
            min($0.value.sessionMilliseconds, $0.value.rebalanceMilliseconds ?? .max) <= now.monotonicMilliseconds
        }
        guard !late.isEmpty else { return [] }
        var changes: [ConsumerGroupChange] = []
        remove(late.keys.sorted(), at: now, in: &changes)
        return changes
    }

    /// Makes changes and adds them to those that have to be written down.
    mutating func record(_ made: [ConsumerGroupChange], in changes: inout [ConsumerGroupChange]) {
        for change in made { apply(change) }
        changes += made
    }

    /// Removes members, whose partitions others get with their next heartbeats.
    mutating func remove(_ ids: [String], at now: Moment, in changes: inout [ConsumerGroupChange]) {
        for id in ids { record(Self.removal(id), in: &changes) }
        if members.isEmpty {
            subscription = ConsumerGroupSubscription()
            emptySinceMilliseconds = now.wallMilliseconds
        } else if let topics = subscription.snapshot {
            subscription.refresh(members.values.map(\.description), topics)
        }
        raiseEpoch(in: &changes)
    }

    /// Begins a new epoch, with the topics that the members want now.
    mutating func raiseEpoch(in changes: inout [ConsumerGroupChange]) {
        // Before the first look at the topics after a restart, what was known of them still counts.
        let hash = subscription.snapshot == nil ? epoch.topicsHash : subscription.hash
        record([.group(ConsumerGroupChange.Epoch(number: epoch.number + 1, topicsHash: hash))], in: &changes)
    }
}
