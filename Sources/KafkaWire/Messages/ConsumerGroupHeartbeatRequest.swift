import Bytes

/// ConsumerGroupHeartbeat (API 68, KIP-848): a member joins, stays in, or leaves a group whose partitions the broker
/// assigns. What has not changed since the last heartbeat is null.
public struct ConsumerGroupHeartbeatRequest: WireMessage, Sendable {
    public static var api: APIKey { .consumerGroupHeartbeat }

    /// The group.
    public var groupID: String = ""
    /// The member; made by the client since v1, by the broker when it is empty in v0.
    public var memberID: String = ""
    /// The member's epoch; 0 to join, -1 to leave, -2 when a static member leaves and comes back.
    public var memberEpoch: Int32 = 0
    /// The static member id.
    public var instanceID: String? = nil
    /// Where the member is.
    public var rackID: String? = nil
    /// How long the member may take to give up partitions, ms; -1 when it has not changed.
    public var rebalanceTimeoutMilliseconds: Int32 = -1
    /// Names of topics that the member wants.
    public var subscribedTopicNames: [String]? = nil
    /// A pattern in RE2's syntax of topics that the member wants (v1+).
    public var subscribedTopicRegex: String? = nil
    /// The assignor that the member prefers.
    public var serverAssignor: String? = nil
    /// The partitions that the member has.
    public var topicPartitions: [ConsumerGroupTopicPartitions]? = nil

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        groupID: String = "", memberID: String = "", memberEpoch: Int32 = 0, instanceID: String? = nil,
        rackID: String? = nil, rebalanceTimeoutMilliseconds: Int32 = -1, subscribedTopicNames: [String]? = nil,
        subscribedTopicRegex: String? = nil, serverAssignor: String? = nil,
        topicPartitions: [ConsumerGroupTopicPartitions]? = nil
    ) {
        self.groupID = groupID
        self.memberID = memberID
        self.memberEpoch = memberEpoch
        self.instanceID = instanceID
        self.rackID = rackID
        self.rebalanceTimeoutMilliseconds = rebalanceTimeoutMilliseconds
        self.subscribedTopicNames = subscribedTopicNames
        self.subscribedTopicRegex = subscribedTopicRegex
        self.serverAssignor = serverAssignor
        self.topicPartitions = topicPartitions
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.string(&groupID)
        try coder.string(&memberID)
        try coder.int32(&memberEpoch)
        try coder.nullableString(&instanceID)
        try coder.nullableString(&rackID)
        try coder.int32(&rebalanceTimeoutMilliseconds)
        try coder.nullableStrings(&subscribedTopicNames)
        if coder.version >= 1 { try coder.nullableString(&subscribedTopicRegex) }
        try coder.nullableString(&serverAssignor)
        try coder.nullableArray(&topicPartitions)
        try coder.tags()
    }
}

/// Partitions of one topic, by the topic's id.
public struct ConsumerGroupTopicPartitions: WireStructure, Equatable, Sendable {
    /// The topic.
    public var topicID: UUID = .zero
    /// The partitions' numbers.
    public var partitions: [Int32] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(topicID: UUID = .zero, partitions: [Int32] = []) {
        self.topicID = topicID
        self.partitions = partitions
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.uuid(&topicID)
        try coder.int32s(&partitions)
        try coder.tags()
    }
}
