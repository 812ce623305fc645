import Bytes

/// The answer to ConsumerGroupDescribe (API 69).
public struct ConsumerGroupDescribeResponse: WireMessage, Sendable {
    public static var api: APIKey { .consumerGroupDescribe }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// The groups, in the order of the request.
    public var groups: [Group] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(throttleMilliseconds: Int32 = 0, groups: [Group] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.groups = groups
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.array(&groups)
        try coder.tags()
    }

    /// One group.
    public struct Group: WireStructure, Sendable {
        /// Whether it could be described.
        public var errorCode: ErrorCode = .none
        /// What was wrong, for people.
        public var errorMessage: String? = nil
        /// Its name.
        public var groupID: String = ""
        /// `Empty`, `Assigning`, `Reconciling`, `Stable` or `Dead`; empty with an error.
        public var state: String = ""
        /// Counts changes of members, subscriptions and topics.
        public var groupEpoch: Int32 = 0
        /// The group epoch that the target assignment was made for.
        public var assignmentEpoch: Int32 = 0
        /// The assignor in use.
        public var assignorName: String = ""
        /// Its members.
        public var members: [Member] = []
        /// Operations that the client may do, as bits; the smallest value when it did not ask.
        public var authorizedOperations: Int32 = .min

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            errorCode: ErrorCode = .none, errorMessage: String? = nil, groupID: String = "", state: String = "",
            groupEpoch: Int32 = 0, assignmentEpoch: Int32 = 0, assignorName: String = "", members: [Member] = [],
            authorizedOperations: Int32 = .min
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.groupID = groupID
            self.state = state
            self.groupEpoch = groupEpoch
            self.assignmentEpoch = assignmentEpoch
            self.assignorName = assignorName
            self.members = members
            self.authorizedOperations = authorizedOperations
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.string(&groupID)
            try coder.string(&state)
            try coder.int32(&groupEpoch)
            try coder.int32(&assignmentEpoch)
            try coder.string(&assignorName)
            try coder.array(&members)
            try coder.int32(&authorizedOperations)
            try coder.tags()
        }
    }

    /// One member of a group.
    public struct Member: WireStructure, Sendable {
        /// Its id.
        public var memberID: String = ""
        /// Its static id.
        public var instanceID: String? = nil
        /// Where it is.
        public var rackID: String? = nil
        /// The epoch that it has reached.
        public var memberEpoch: Int32 = 0
        /// How the client calls itself.
        public var clientID: String = ""
        /// The client's address.
        public var clientHost: String = ""
        /// The topics that it named.
        public var subscribedTopicNames: [String] = []
        /// The pattern of topics that it gave.
        public var subscribedTopicRegex: String? = nil
        /// What it has.
        public var assignment = Assignment()
        /// What it shall have.
        public var targetAssignment = Assignment()
        /// 0 for a member of the classic protocol, 1 for one of KIP-848, -1 when that is not known (v1+).
        public var memberType: Int8 = -1

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            memberID: String = "", instanceID: String? = nil, rackID: String? = nil, memberEpoch: Int32 = 0,
            clientID: String = "", clientHost: String = "", subscribedTopicNames: [String] = [],
            subscribedTopicRegex: String? = nil, assignment: Assignment = Assignment(),
            targetAssignment: Assignment = Assignment(), memberType: Int8 = -1
        ) {
            self.memberID = memberID
            self.instanceID = instanceID
            self.rackID = rackID
            self.memberEpoch = memberEpoch
            self.clientID = clientID
            self.clientHost = clientHost
            self.subscribedTopicNames = subscribedTopicNames
            self.subscribedTopicRegex = subscribedTopicRegex
            self.assignment = assignment
            self.targetAssignment = targetAssignment
            self.memberType = memberType
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&memberID)
            try coder.nullableString(&instanceID)
            try coder.nullableString(&rackID)
            try coder.int32(&memberEpoch)
            try coder.string(&clientID)
            try coder.string(&clientHost)
            try coder.strings(&subscribedTopicNames)
            try coder.nullableString(&subscribedTopicRegex)
            try assignment.code(&coder)
            try targetAssignment.code(&coder)
            if coder.version >= 1 { try coder.int8(&memberType) }
            try coder.tags()
        }
    }

    /// Partitions of a member.
    public struct Assignment: WireStructure, Equatable, Sendable {
        /// By topic.
        public var topicPartitions: [TopicPartitions] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(topicPartitions: [TopicPartitions] = []) {
            self.topicPartitions = topicPartitions
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.array(&topicPartitions)
            try coder.tags()
        }
    }

    /// Partitions of one topic.
    public struct TopicPartitions: WireStructure, Equatable, Sendable {
        /// The topic.
        public var topicID: UUID = .zero
        /// The topic's name.
        public var topicName: String = ""
        /// The partitions' numbers.
        public var partitions: [Int32] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(topicID: UUID = .zero, topicName: String = "", partitions: [Int32] = []) {
            self.topicID = topicID
            self.topicName = topicName
            self.partitions = partitions
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.uuid(&topicID)
            try coder.string(&topicName)
            try coder.int32s(&partitions)
            try coder.tags()
        }
    }
}
