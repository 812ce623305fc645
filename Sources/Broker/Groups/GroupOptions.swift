/// How consumer groups work. The names in Kafka's configuration stand behind each value.
public struct GroupOptions: Sendable {
    /// The shortest session that a member may ask for, ms (`group.min.session.timeout.ms`).
    public var sessionTimeoutMinMilliseconds: Int32 = 1000
    /// The longest session that a member may ask for, ms (`group.max.session.timeout.ms`).
    public var sessionTimeoutMaxMilliseconds: Int32 = 1_800_000
    /// How long a group without members waits for more of them before its first generation, ms
    /// (`group.initial.rebalance.delay.ms`, there 3000).
    public var initialRebalanceDelayMilliseconds: Int64 = 0
    /// How long members of groups that the broker assigns may be silent, ms (`group.consumer.session.timeout.ms`).
    public var consumerSessionTimeoutMilliseconds: Int32 = 45_000
    /// How often members of groups that the broker assigns are to speak, ms (`group.consumer.heartbeat.interval.ms`).
    public var consumerHeartbeatIntervalMilliseconds: Int32 = 5_000
    /// Which way groups may change their protocol while they have members (`group.consumer.migration.policy`).
    public var migrationPolicy: GroupMigrationPolicy = .bidirectional
    /// Members of one group at most (`group.max.size`, `group.consumer.max.size`).
    public var membersMax = 250
    /// The longest text that a client may commit with an offset, bytes (`offset.metadata.max.bytes`); at most what an
    /// int16 can count.
    public var offsetMetadataBytesMax = 4096
    /// How long offsets are kept once their group has become empty, ms (`offsets.retention.minutes`).
    public var offsetsRetentionMilliseconds: Int64 = 7 * 24 * 3600 * 1000
    /// Groups with members, or with what members have left, at a time.
    var groupsMax = 100_000
    /// Committed offsets kept at a time, of all groups together.
    var offsetsMax = 1_000_000
    /// How often it is looked for offsets to forget, ms (`offsets.retention.check.interval.ms`).
    public var offsetsRetentionCheckMilliseconds: Int64 = 600_000

    /// The defaults.
    public init() {}
}
