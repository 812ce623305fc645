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
    /// The group, if the broker assigns.
    var consumer: ConsumerGroup?
    /// For when the group is in the queue of deadlines; nil when it is not.
    var scheduled: Int64?

    /// A classic group.
    init(_ classic: ClassicGroup) { self.classic = classic }

    /// A group whose partitions the broker assigns.
    init(_ consumer: ConsumerGroup) { self.consumer = consumer }

    var kind: Kind { consumer == nil ? .classic : .consumer }

    /// The state, in Kafka's spelling.
    var stateName: String {
        consumer?.state.rawValue ?? classic?.state.rawValue ?? ClassicGroup.State.dead.rawValue
    }

    /// What the group is for; empty when it never had members.
    var protocolType: String { consumer == nil ? classic?.protocolType ?? "" : ClassicGroup.consumerProtocolType }

    /// Whether the group has no members, so that its offsets may expire and be deleted.
    var isEmpty: Bool { consumer?.members.isEmpty ?? classic.map { $0.state == .empty } ?? true }

    /// Whether nobody is in it or about to be.
    var isVacant: Bool { consumer?.members.isEmpty ?? classic?.isVacant ?? true }

    /// Since when it has been in its state, ms since the epoch.
    var stateSinceMilliseconds: Int64 { consumer?.emptySinceMilliseconds ?? classic?.stateSinceMilliseconds ?? 0 }

    /// When time changes it next, monotonic ms.
    var nextDeadline: Int64? { consumer?.nextDeadline ?? classic?.nextDeadline }

    /// Members of all kinds.
    var memberCount: Int { consumer?.members.count ?? classic?.members.count ?? 0 }

    /// Bytes that peers made the broker keep for the group.
    var byteCount: Int { consumer?.byteCount ?? classic?.byteCount ?? 0 }

    /// The topics that its members read.
    var subscription: TopicSubscription { consumer?.topicSubscription ?? classic?.subscription ?? .nothing }

    /// Keys of the records that hold the group.
    func recordKeys(_ id: String) -> [[UInt8]] {
        consumer?.ending.map { ConsumerGroupRecord.record($0, group: id).key } ?? [GroupRecord.key(id)]
    }
}
