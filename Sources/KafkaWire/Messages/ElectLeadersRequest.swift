/// ElectLeaders (API 43): has leaders of partitions elected.
public struct ElectLeadersRequest: WireMessage, Sendable {
    public static var api: APIKey { .electLeaders }

    /// 0 elects the preferred replica, 1 any that is alive (v1+).
    public var electionType: Int8 = 0
    /// Which partitions; nil for all.
    public var topics: [Topic]? = nil
    /// How long to wait, ms.
    public var timeoutMilliseconds: Int32 = 60000

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(electionType: Int8 = 0, topics: [Topic]? = nil, timeoutMilliseconds: Int32 = 60000) {
        self.electionType = electionType
        self.topics = topics
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        if coder.version >= 1 { try coder.int8(&electionType) }
        try coder.nullableArray(&topics)
        try coder.int32(&timeoutMilliseconds)
        try coder.tags()
    }

    /// The partitions of one topic.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name.
        public var name: String = ""
        /// Its partitions.
        public var partitions: [Int32] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", partitions: [Int32] = []) {
            self.name = name
            self.partitions = partitions
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.int32s(&partitions)
            try coder.tags()
        }
    }
}
