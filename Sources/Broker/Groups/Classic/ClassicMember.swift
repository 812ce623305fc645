/// A protocol that a member can speak, such as a way to assign partitions, with what the member says of itself in it.
struct GroupProtocol: Equatable, Sendable {
    /// Its name, such as `range`.
    var name: String
    /// What the member tells the leader, opaque to the broker.
    var metadata: [UInt8]
}

/// A member of a classic group.
struct ClassicMember: Sendable {
    /// The id that the broker gave it.
    var id: String
    /// The id that it keeps when it starts again (KIP-345); nil for a dynamic member.
    let instanceID: String?
    /// How its client calls itself.
    let clientID: String
    /// Where its client is, such as `/127.0.0.1`.
    let clientHost: String
    /// Members joined in this order.
    let order: Int
    /// What it can speak, the one that it likes most first.
    var protocols: [GroupProtocol]
    /// It is taken for dead when nothing is heard of it for so long.
    var sessionTimeoutMilliseconds: Int32
    /// How long the group waits for it to join again.
    var rebalanceTimeoutMilliseconds: Int32
    /// What the leader gave it.
    var assignment: [UInt8] = []
    /// Its JoinGroup that is not yet answered.
    var joining: GroupTicket?
    /// Its SyncGroup that is not yet answered.
    var syncing: GroupTicket?
    /// When it is taken for dead; nil while one of its requests waits, as it cannot send a heartbeat then.
    var sessionDeadline: Int64?
    /// Whether it has never been told that it is a member.
    var isNew = true
    /// Whether it can come back under its id when its connection is lost before it was told of its membership.
    let knowsItsID: Bool

    /// Whether it comes back under the same instance id.
    var isStatic: Bool { instanceID != nil }

    /// What it says of itself in a protocol.
    func metadata(_ name: String?) -> [UInt8] {
        protocols.first { $0.name == name }?.metadata ?? []
    }

    /// Bytes that a peer made the broker keep.
    var byteCount: Int {
        protocols.reduce(assignment.count) { $0 + $1.name.utf8.count + $1.metadata.count }
    }

    /// Begins the session anew, unless a request of the member waits.
    mutating func touch(at now: Moment) {
        guard joining == nil, syncing == nil else { return }
        sessionDeadline = now.monotonicMilliseconds + Int64(sessionTimeoutMilliseconds)
    }
}
