import KafkaWire

/// The groups, who waits in them, and when they are to be looked at. Guarded by the coordinator's lock.
struct GroupTable: Sendable {
    /// Where the answer of a request that waits goes.
    enum Answer: Sendable {
        case join(@Sendable (JoinGroupResponse) -> Void)
        case sync(@Sendable (SyncGroupResponse) -> Void)
    }

    /// Groups that a connection may be noted for before those are forgotten that are gone.
    private static let groupsNotedMin = 16

    private var groups: [String: Group] = [:]
    private var answers: [GroupTicket: Answer] = [:]
    /// Groups in which a connection waits or is about to join.
    private var connections: [UInt64: Set<String>] = [:]
    private var deadlines = DeadlineQueue<String>()
    private var lastTicket: UInt64 = 0
    /// Bytes that peers made the broker keep for all groups.
    private(set) var byteCount = 0
    /// Members of all groups.
    private(set) var memberCount = 0

    /// Names of all groups, in no order.
    var names: [String] { Array(groups.keys) }
    var count: Int { groups.count }

    /// The group of a name.
    func group(_ id: String) -> Group? { groups[id] }

    /// Every group with its name.
    var all: [String: Group] { groups }

    /// Changes a group where it stands and has it looked at when it wants to; nil when there is none.
    mutating func update<R>(_ id: String, _ body: (inout Group) -> R) -> R? {
        guard let index = groups.index(forKey: id) else { return nil }
        let bytes = groups.values[index].byteCount
        let members = groups.values[index].memberCount
        let result = body(&groups.values[index])
        byteCount += groups.values[index].byteCount - bytes
        memberCount += groups.values[index].memberCount - members
        schedule(index)
        return result
    }

    /// As `update`, for calls that can only put off what the group waits for and keep nothing.
    mutating func touch<R>(_ id: String, _ body: (inout Group) -> R) -> R? {
        guard let index = groups.index(forKey: id) else { return nil }
        return body(&groups.values[index])
    }

    /// Adds a group or replaces it.
    mutating func put(_ id: String, _ group: Group) {
        remove(id)
        groups[id] = group
        byteCount += group.byteCount
        memberCount += group.memberCount
        if let index = groups.index(forKey: id) { schedule(index) }
    }

    mutating func remove(_ id: String) {
        guard let old = groups.removeValue(forKey: id) else { return }
        byteCount -= old.byteCount
        memberCount -= old.memberCount
    }

    // MARK: - Who waits

    /// A ticket for a request that waits in a group.
    mutating func park(_ answer: Answer, in id: String, connection: UInt64) -> GroupTicket {
        lastTicket += 1
        let ticket = GroupTicket(number: lastTicket, connection: connection)
        answers[ticket] = answer
        note(id, connection)
        return ticket
    }

    private mutating func note(_ id: String, _ connection: UInt64) {
        var noted = connections[connection] ?? []
        if noted.count >= Self.groupsNotedMin, noted.count.nonzeroBitCount == 1 {
            noted = noted.filter { groups[$0] != nil }
        }
        noted.insert(id)
        connections[connection] = noted
    }

    /// The answer that a ticket stands for; nil when it was given.
    mutating func take(_ ticket: GroupTicket) -> Answer? { answers.removeValue(forKey: ticket) }

    /// The groups in which a connection may wait; it is forgotten.
    mutating func groups(of connection: UInt64) -> Set<String> { connections.removeValue(forKey: connection) ?? [] }

    // MARK: - Time

    /// The earliest moment at which a group wants to be looked at.
    var nextDeadline: Int64? { deadlines.first }

    /// The name of a group that is due; it is out of the queue until it is updated.
    mutating func popDue(at moment: Int64) -> String? {
        while let (deadline, id) = deadlines.popDue(at: moment) {
            guard groups[id]?.scheduled == deadline else { continue }
            groups[id]?.scheduled = nil
            return id
        }
        return nil
    }

    /// Later deadlines stay as they are: the group is then looked at for nothing and put off.
    private mutating func schedule(_ index: Dictionary<String, Group>.Index) {
        guard let next = groups.values[index].nextDeadline, next < groups.values[index].scheduled ?? .max else {
            return
        }
        groups.values[index].scheduled = next
        deadlines.insert(groups.keys[index], at: next)
        // Entries that an earlier one has replaced stay behind until there are many.
        if deadlines.count > 2 * groups.count + 64 {
            let groups = groups
            deadlines.filter { groups[$1]?.scheduled == $0 }
        }
    }
}
