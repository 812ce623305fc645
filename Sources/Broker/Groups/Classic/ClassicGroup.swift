import KafkaWire

/// A group of the classic protocol: members join a generation, its leader assigns, and all keep in touch by heartbeats.
///
/// A value without clocks, sockets or files: every call takes the moment and returns what is to be done. The rules are
/// those of Kafka's group coordinator (KIP-62, KIP-345 static members, KIP-394 ids before joining, KIP-814).
///
/// ```
/// Empty ──join──▶ PreparingRebalance ──all joined, or time is up──▶ CompletingRebalance ──leader's sync──▶ Stable
///   ▲                 │      ▲  ▲                                        │                                 │
///   └──nobody left────┘      │  └────join, leave, death, no sync─────────┘                                 │
///                            └────join, leave, death───────────────────────────────────────────────────────┘
/// ```
struct ClassicGroup: Sendable {
    /// Where the group stands; the names are what clients are told.
    enum State: String, Sendable {
        case empty = "Empty"
        case preparingRebalance = "PreparingRebalance"
        case completingRebalance = "CompletingRebalance"
        case stable = "Stable"
        /// Only ever said of groups that do not exist.
        case dead = "Dead"
    }

    /// A member that was told its id and has not joined with it yet.
    struct PendingMember: Sendable {
        /// The connection on which it was told; nil once that has ended: nobody waits for the member then.
        var connection: UInt64?
        let deadline: Int64
    }

    /// The group's name.
    let id: String
    let limits: Limits
    private(set) var state: State = .empty
    /// When the state began, ms since the epoch.
    private(set) var stateSinceMilliseconds: Int64
    var generation: Int32 = 0
    /// What the group is for; nil until its first member comes.
    var protocolType: String?
    /// The protocol of the generation.
    var protocolName: String?
    /// The member that decides.
    var leader: String?
    var members: [String: ClassicMember] = [:]
    /// Member ids by instance id.
    var staticMembers: [String: String] = [:]
    var pendingMembers: [String: PendingMember] = [:]
    /// Members of the generation that have not asked for their assignment.
    var awaitedSyncs: Set<String> = []
    /// What the leader has decided, until it is durable.
    var proposal: [String: [UInt8]]?
    /// When the group goes on without those who have not joined.
    var joinDeadline: Int64?
    /// How much longer a first generation may be put off; nil when it may not.
    var initialDelayLeft: Int64?
    /// Whether somebody came since the first generation was last put off.
    var hasGrown = false
    /// When those who have not asked for their assignment are removed.
    var syncDeadline: Int64?
    var nextOrder = 0
    /// What is to be done; handed out at the end of each call.
    var actions: [ClassicGroupAction] = []

    /// A group that nobody has joined yet.
    init(_ id: String, limits: Limits, at now: Moment) {
        self.id = id
        self.limits = limits
        stateSinceMilliseconds = now.wallMilliseconds
    }

    /// A group as it was written down: its members have their whole session to be heard of again.
    init(_ id: String, _ stored: StoredClassicGroup, limits: Limits, at now: Moment) {
        self.init(id, limits: limits, at: now)
        generation = stored.generation
        protocolType = stored.protocolType.isEmpty ? nil : stored.protocolType
        protocolName = stored.protocolName
        leader = stored.leader
        if stored.stateSinceMilliseconds >= 0 { stateSinceMilliseconds = stored.stateSinceMilliseconds }
        for kept in stored.members {
            var member = ClassicMember(
                id: kept.id, instanceID: kept.instanceID, clientID: kept.clientID, clientHost: kept.clientHost,
                order: nextOrder, protocols: [GroupProtocol(name: protocolName ?? "", metadata: kept.subscription)],
                sessionTimeoutMilliseconds: kept.sessionTimeoutMilliseconds,
                rebalanceTimeoutMilliseconds: kept.rebalanceTimeoutMilliseconds, assignment: kept.assignment,
                isNew: false, knowsItsID: true)
            nextOrder += 1
            member.touch(at: now)
            members[member.id] = member
            if let instance = member.instanceID { staticMembers[instance] = member.id }
        }
        if !members.isEmpty { state = .stable }
    }

    // MARK: - What it is

    /// Whether nobody is in it or about to be.
    var isVacant: Bool { members.isEmpty && pendingMembers.isEmpty }

    /// How long the group waits for its members to join again.
    var rebalanceTimeoutMilliseconds: Int64 {
        Int64(members.values.reduce(0) { max($0, $1.rebalanceTimeoutMilliseconds) })
    }

    /// Members in the order in which they first joined.
    var membersInOrder: [ClassicMember] { members.values.sorted { $0.order < $1.order } }

    /// Bytes that peers made the broker keep for the group.
    var byteCount: Int { members.values.reduce(0) { $0 + $1.byteCount } }

    /// The first moment, monotonic ms, at which `expire` has something to do; nil for never.
    var nextDeadline: Int64? {
        var first = min(joinDeadline ?? .max, syncDeadline ?? .max)
        for member in members.values { first = min(first, member.sessionDeadline ?? .max) }
        for pending in pendingMembers.values { first = min(first, pending.deadline) }
        return first == .max ? nil : first
    }

    /// The group as it is written down.
    ///
    /// - Parameter assignments: what the members get; nil for what they have.
    func snapshot(assignments: [String: [UInt8]]? = nil) -> StoredClassicGroup {
        StoredClassicGroup(
            protocolType: protocolType ?? "", generation: generation, protocolName: protocolName, leader: leader,
            stateSinceMilliseconds: stateSinceMilliseconds,
            members: membersInOrder.map { member in
                StoredClassicGroup.Member(
                    id: member.id, instanceID: member.instanceID, clientID: member.clientID,
                    clientHost: member.clientHost, rebalanceTimeoutMilliseconds: member.rebalanceTimeoutMilliseconds,
                    sessionTimeoutMilliseconds: member.sessionTimeoutMilliseconds,
                    subscription: member.metadata(protocolName),
                    assignment: assignments?[member.id] ?? member.assignment)
            })
    }

    // MARK: - Parts of every call

    mutating func enter(_ new: State, at now: Moment) {
        state = new
        stateSinceMilliseconds = now.wallMilliseconds
    }

    /// What has come up since the last call of this.
    mutating func takeActions() -> [ClassicGroupAction] {
        defer { actions = [] }
        return actions
    }

    /// Whether a member is who it says it is.
    func check(_ memberID: String, _ instanceID: String?) -> ErrorCode {
        if let instanceID {
            guard let current = staticMembers[instanceID] else { return .unknownMemberID }
            guard current == memberID else { return .fencedInstanceID }
        }
        return members[memberID] == nil ? .unknownMemberID : .none
    }

    /// As `check`, and whether it is in this generation.
    func check(_ identity: Identity) -> ErrorCode {
        let error = check(identity.memberID, identity.instanceID)
        guard error == .none else { return error }
        return identity.generation == generation ? .none : .illegalGeneration
    }
}
