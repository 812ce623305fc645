/// WriteTxnMarkers (API 27): ends transactions in single partitions, as an administrator does with one that hangs.
public struct WriteTransactionMarkersRequest: WireMessage, Sendable {
    public static var api: APIKey { .writeTransactionMarkers }

    /// The markers.
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

    /// The end of one producer's transaction.
    public struct Marker: WireStructure, Sendable {
        /// The producer's id.
        public var producerID: Int64 = 0
        /// The producer's epoch.
        public var producerEpoch: Int16 = 0
        /// Whether to commit, and not to abort.
        public var isCommit: Bool = false
        /// Where to write it.
        public var topics: [Topic] = []
        /// The epoch of the coordinator that decided.
        public var coordinatorEpoch: Int32 = 0
        /// The version of the transaction protocol (v2+).
        public var transactionVersion: Int8 = 0

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            producerID: Int64 = 0, producerEpoch: Int16 = 0, isCommit: Bool = false, topics: [Topic] = [],
            coordinatorEpoch: Int32 = 0, transactionVersion: Int8 = 0
        ) {
            self.producerID = producerID
            self.producerEpoch = producerEpoch
            self.isCommit = isCommit
            self.topics = topics
            self.coordinatorEpoch = coordinatorEpoch
            self.transactionVersion = transactionVersion
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int64(&producerID)
            try coder.int16(&producerEpoch)
            try coder.bool(&isCommit)
            try coder.array(&topics)
            try coder.int32(&coordinatorEpoch)
            if coder.version >= 2 { try coder.int8(&transactionVersion) }
            try coder.tags()
        }
    }

    /// A topic with its partitions.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name.
        public var name: String = ""
        /// The partitions' numbers.
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
