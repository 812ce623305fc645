/// The answer to ConsumerGroupHeartbeat (API 68).
public struct ConsumerGroupHeartbeatResponse: WireMessage, Sendable {
    public static var api: APIKey { .consumerGroupHeartbeat }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Whether it worked.
    public var errorCode: ErrorCode = .none
    /// What was wrong, for people.
    public var errorMessage: String? = nil
    /// The member.
    public var memberID: String? = nil
    /// The member's epoch, which its next heartbeat and its commits must have.
    public var memberEpoch: Int32 = 0
    /// How often the member must send a heartbeat, ms.
    public var heartbeatIntervalMilliseconds: Int32 = 0
    /// What the member shall have; null when that has not changed.
    public var assignment: Assignment? = nil

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        throttleMilliseconds: Int32 = 0, errorCode: ErrorCode = .none, errorMessage: String? = nil,
        memberID: String? = nil, memberEpoch: Int32 = 0, heartbeatIntervalMilliseconds: Int32 = 0,
        assignment: Assignment? = nil
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.memberID = memberID
        self.memberEpoch = memberEpoch
        self.heartbeatIntervalMilliseconds = heartbeatIntervalMilliseconds
        self.assignment = assignment
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.errorCode(&errorCode)
        try coder.nullableString(&errorMessage)
        try coder.nullableString(&memberID)
        try coder.int32(&memberEpoch)
        try coder.int32(&heartbeatIntervalMilliseconds)
        try coder.nullableStructure(&assignment)
        try coder.tags()
    }

    /// Partitions that the member may read now.
    public struct Assignment: WireStructure, Equatable, Sendable {
        /// By topic.
        public var topicPartitions: [ConsumerGroupTopicPartitions] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(topicPartitions: [ConsumerGroupTopicPartitions] = []) {
            self.topicPartitions = topicPartitions
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.array(&topicPartitions)
            try coder.tags()
        }
    }
}
