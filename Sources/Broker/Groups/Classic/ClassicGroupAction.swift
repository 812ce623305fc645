import KafkaWire

/// What a classic group wants done.
enum ClassicGroupAction: Sendable {
    /// Answer a JoinGroup that has waited.
    case answerJoin(GroupTicket, JoinGroupResponse)
    /// Answer a SyncGroup that has waited.
    case answerSync(GroupTicket, SyncGroupResponse)
    /// Write the group down, and tell it how that went (`ClassicGroup.stored`).
    case store(StoredClassicGroup, StoreReason)

    /// Why a group is written down.
    enum StoreReason: Equatable, Sendable {
        /// The leader has decided; who waits for it is answered when that is durable.
        case assignment(generation: Int32)
        /// A static member has come back under a new id; its JoinGroup is answered when that is durable.
        case replacement(member: String, leader: String?, canSkipAssignment: Bool)
        /// The last member has left.
        case empty
    }
}
