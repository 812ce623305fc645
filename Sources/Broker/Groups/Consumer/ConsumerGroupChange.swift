/// One change of a group whose partitions the broker assigns. A group is the sum of its changes: they are written to
/// `__consumer_offsets`, and applied again when the broker starts.
enum ConsumerGroupChange: Equatable, Sendable {
    /// The group's epoch and the hash of its topics; nil ends the group.
    case group(Epoch?)
    /// The group epoch that the target assignment was made for; nil ends the group.
    case targetEpoch(Int32?)
    /// A member joins or describes itself anew; nil removes it.
    case member(String, ConsumerGroupMember.Description?)
    /// What a member is to have; nil removes it.
    case target(String, PartitionAssignment?)
    /// How far a member has come; nil removes it.
    case progress(String, ConsumerGroupMember.Progress?)

    /// A group's epoch.
    struct Epoch: Equatable, Sendable {
        /// Counts changes of members, subscriptions and topics.
        var number: Int32
        /// `TopicSnapshot.hash` of the topics that the group reads, which tells after a restart whether they changed.
        var topicsHash: Int64
    }
}
