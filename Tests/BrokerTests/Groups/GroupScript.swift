import KafkaWire

@testable import Broker

/// A classic group with a clock that the test moves and the answers that came so far.
struct GroupScript {
    var group: ClassicGroup
    var now = Moment(monotonicMilliseconds: 1_000_000, wallMilliseconds: 1_700_000_000_000)
    private(set) var joins: [UInt64: JoinGroupResponse] = [:]
    private(set) var syncs: [UInt64: SyncGroupResponse] = [:]
    private(set) var stores: [(group: StoredClassicGroup, reason: ClassicGroupAction.StoreReason)] = []
    private var lastTicket: UInt64 = 0
    private var lastID = 0

    init(_ limits: ClassicGroup.Limits = ClassicGroup.Limits()) {
        group = ClassicGroup("g", limits: limits, at: now)
    }

    /// Moves the time and does what is due then, as often as something is due on the way.
    mutating func advance(_ milliseconds: Int64) {
        let end = now.monotonicMilliseconds + milliseconds
        while let deadline = group.nextDeadline, deadline <= end {
            move(to: max(deadline, now.monotonicMilliseconds))
            take(group.expire(at: now))
        }
        move(to: end)
    }

    private mutating func move(to moment: Int64) {
        now.wallMilliseconds += moment - now.monotonicMilliseconds
        now.monotonicMilliseconds = moment
    }

    private mutating func ticket(_ connection: UInt64) -> GroupTicket {
        lastTicket += 1
        return GroupTicket(number: lastTicket, connection: connection)
    }

    /// Takes note of what the group wants done; nothing is durable until `persist`.
    mutating func take(_ actions: [ClassicGroupAction]) {
        for action in actions {
            switch action {
            case .answerJoin(let ticket, let response):
                precondition(joins[ticket.number] == nil, "answered twice")
                joins[ticket.number] = response
            case .answerSync(let ticket, let response):
                precondition(syncs[ticket.number] == nil, "answered twice")
                syncs[ticket.number] = response
            case .store(let group, let reason):
                stores.append((group, reason))
            }
        }
    }

    /// Says of everything that was to be written down that it is.
    mutating func persist(_ failure: ErrorCode = .none) {
        let all = stores
        stores = []
        for store in all { take(group.stored(store.reason, failure, at: now)) }
    }

    /// Sends a JoinGroup; returns its ticket.
    mutating func join(
        _ memberID: String = "", instance: String? = nil, _ protocols: [String] = ["range"], metadata: [UInt8] = [1],
        type: String = "consumer", session: Int32 = 10_000, rebalance: Int32 = 60_000, version: Int16 = 9,
        connection: UInt64 = 1
    ) -> UInt64 {
        lastID += 1
        let request = ClassicGroup.Join(
            memberID: memberID, newMemberID: "m\(lastID)", instanceID: instance, clientID: "client",
            clientHost: "/127.0.0.1", protocolType: type,
            protocols: protocols.map { GroupProtocol(name: $0, metadata: metadata) },
            sessionTimeoutMilliseconds: session, rebalanceTimeoutMilliseconds: rebalance,
            requiresKnownMemberID: version >= 4, canSkipAssignment: version >= 9)
        let ticket = ticket(connection)
        take(group.join(request, ticket, at: now))
        return ticket.number
    }

    /// Joins as a new member does: first told its id, then with it. Returns the id and the second request's ticket.
    mutating func enter(
        _ protocols: [String] = ["range"], metadata: [UInt8] = [1], session: Int32 = 10_000, rebalance: Int32 = 60_000,
        connection: UInt64 = 1
    ) -> (id: String, ticket: UInt64) {
        let first = join(
            "", protocols, metadata: metadata, session: session, rebalance: rebalance, connection: connection)
        let id = joins[first]?.memberID ?? ""
        return (
            id,
            join(id, protocols, metadata: metadata, session: session, rebalance: rebalance, connection: connection)
        )
    }

    /// Sends a SyncGroup; returns its ticket.
    mutating func sync(
        _ memberID: String, instance: String? = nil, generation: Int32? = nil, _ assignments: [String: [UInt8]] = [:],
        type: String? = nil, name: String? = nil, connection: UInt64 = 1
    ) -> UInt64 {
        let request = ClassicGroup.Sync(
            identity: identity(memberID, instance: instance, generation: generation), protocolType: type,
            protocolName: name, assignments: assignments)
        let ticket = ticket(connection)
        take(group.sync(request, ticket, at: now))
        return ticket.number
    }

    /// A member's identity, in the generation that is unless said otherwise.
    func identity(
        _ memberID: String, instance: String? = nil, generation: Int32? = nil
    ) -> ClassicGroup.Identity {
        ClassicGroup.Identity(
            memberID: memberID, instanceID: instance, generation: generation ?? group.generation)
    }

    mutating func heartbeat(_ memberID: String, instance: String? = nil, generation: Int32? = nil) -> ErrorCode {
        group.heartbeat(identity(memberID, instance: instance, generation: generation), at: now)
    }

    mutating func commit(
        _ memberID: String, instance: String? = nil, generation: Int32? = nil, isTransactional: Bool = false
    ) -> ErrorCode {
        group.checkCommit(
            identity(memberID, instance: instance, generation: generation), isTransactional: isTransactional, at: now)
    }

    mutating func leave(_ memberID: String, instance: String? = nil) -> ErrorCode {
        let (errors, actions) = group.leave([.init(memberID: memberID, instanceID: instance)], at: now)
        take(actions)
        return errors[0]
    }

    mutating func disconnect(_ connection: UInt64) {
        take(group.disconnected(connection, at: now))
    }

    /// Two members in a stable group, the first of which leads.
    mutating func stableOfTwo(
        session: Int32 = 10_000, rebalance: Int32 = 60_000
    ) -> (leader: String, follower: String) {
        let first = enter(session: session, rebalance: rebalance, connection: 1).id
        let second = enter(session: session, rebalance: rebalance, connection: 2).id
        _ = join(first, session: session, rebalance: rebalance, connection: 1)
        _ = sync(first, [first: [11], second: [22]], connection: 1)
        _ = sync(second, connection: 2)
        persist()
        return (first, second)
    }
}
