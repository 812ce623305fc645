/// Which way groups may go over from one protocol to the other while they have members (KIP-848, Kafka's
/// `group.consumer.migration.policy`).
public enum GroupMigrationPolicy: String, CaseIterable, Sendable {
    /// Groups that have members keep their protocol.
    case disabled
    /// From the classic protocol to that in which the broker assigns.
    case upgrade
    /// Back to the classic protocol.
    case downgrade
    /// Both ways.
    case bidirectional

    var allowsUpgrade: Bool { self == .upgrade || self == .bidirectional }
    var allowsDowngrade: Bool { self == .downgrade || self == .bidirectional }
}
