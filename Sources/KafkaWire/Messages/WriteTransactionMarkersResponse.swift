/// The answer to WriteTxnMarkers (API 27).
public struct WriteTransactionMarkersResponse: WireMessage, Sendable {
    public static var api: APIKey { .writeTransactionMarkers }

    /// The markers, as they were asked for.
    public var markers: [Marker] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(markers: [Marker] = []) {
        self.markers = markers
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.array(&markers)
        try coder.tags()
    }

    /// What became of one marker.
    public struct Marker: WireStructure, Sendable {
        /// The producer's id.
        public var producerID: Int64 = 0
        /// The topics.
        public var topics: [Topic] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(producerID: Int64 = 0, topics: [Topic] = []) {
            self.producerID = producerID
            self.topics = topics
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int64(&producerID)
            try coder.array(&topics)
            try coder.tags()
        }
    }

    /// A topic with its partitions.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name.
        public var name: String = ""
        /// The partitions.
        public var partitions: [Partition] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", partitions: [Partition] = []) {
            self.name = name
            self.partitions = partitions
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.array(&partitions)
            try coder.tags()
        }
    }

    /// What became of a marker in one partition.
    public struct Partition: WireStructure, Sendable {
        /// The partition's number.
        public var index: Int32 = 0
        /// Whether it worked.
        public var errorCode: ErrorCode = .none

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(index: Int32 = 0, errorCode: ErrorCode = .none) {
            self.index = index
            self.errorCode = errorCode
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            try coder.errorCode(&errorCode)
            try coder.tags()
        }
    }
}
