import KafkaWire

/// A group with members, or with offsets that members have left. It is of one kind.
///
/// Groups that consumers without membership commit for have no entry of their own: they are what `OffsetStore` holds for
/// them.
struct Group: Sendable {
    /// The kinds, as clients are told.
    enum Kind: String, Sendable {
        /// Members assign, led by one of them.
        case classic
        /// The broker assigns (KIP-848).
        case consumer
    }

    /// The group, if it is of the classic kind.
    var classic: ClassicGroup?
    /// For when the group is in the queue of deadlines; nil when it is not.
    var scheduled: Int64?

    /// A classic group.
    init(_ classic: ClassicGroup) { self.classic = classic }

    var kind: Kind { .classic }

    /// The state, in Kafka's spelling.
    var stateName: String { classic?.state.rawValue ?? ClassicGroup.State.dead.rawValue }

    /// What the group is for; empty when it never had members.
    var protocolType: String { classic?.protocolType ?? "" }

    /// Whether the group has no members, so that its offsets may expire and be deleted.
    var isEmpty: Bool { classic.map { $0.state == .empty } ?? true }

    /// Whether nobody is in it or about to be.
    var isVacant: Bool { classic?.isVacant ?? true }

    /// Since when it has been in its state, ms since the epoch.
    var stateSinceMilliseconds: Int64 { classic?.stateSinceMilliseconds ?? 0 }

    /// When time changes it next, monotonic ms.
    var nextDeadline: Int64? { classic?.nextDeadline }

    /// Members of all kinds.
    var memberCount: Int { classic?.members.count ?? 0 }

    /// Bytes that peers made the broker keep for the group.
    var byteCount: Int { classic?.byteCount ?? 0 }

    /// The topics that its members read.
    var subscription: TopicSubscription { classic?.subscription ?? .nothing }
}
