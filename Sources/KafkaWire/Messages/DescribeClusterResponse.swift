/// The answer to DescribeCluster (API 60).
public struct DescribeClusterResponse: WireMessage, Sendable {
    public static var api: APIKey { .describeCluster }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Whether it worked.
    public var errorCode: ErrorCode = .none
    /// What was wrong, for people.
    public var errorMessage: String? = nil
    /// The cluster's id.
    public var clusterID: String = ""
    /// The node that administers the cluster.
    public var controllerID: Int32 = -1
    /// The brokers, at the addresses that clients dial.
    public var brokers: [Broker] = []
    /// Operations that the client may do, as bits; the smallest value when it did not ask.
    public var clusterAuthorizedOperations: Int32 = Int32.min

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        throttleMilliseconds: Int32 = 0, errorCode: ErrorCode = .none, errorMessage: String? = nil,
        clusterID: String = "", controllerID: Int32 = -1, brokers: [Broker] = [],
        clusterAuthorizedOperations: Int32 = Int32.min
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.clusterID = clusterID
        self.controllerID = controllerID
        self.brokers = brokers
        self.clusterAuthorizedOperations = clusterAuthorizedOperations
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.errorCode(&errorCode)
        try coder.nullableString(&errorMessage)
        try coder.string(&clusterID)
        try coder.int32(&controllerID)
        try coder.array(&brokers)
        try coder.int32(&clusterAuthorizedOperations)
        try coder.tags()
    }

    /// A broker.
    public struct Broker: WireStructure, Sendable {
        /// Its number.
        public var nodeID: Int32 = 0
        /// The host to dial.
        public var host: String = ""
        /// The port to dial.
        public var port: Int32 = 0
        /// Its rack.
        public var rack: String? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(nodeID: Int32 = 0, host: String = "", port: Int32 = 0, rack: String? = nil) {
            self.nodeID = nodeID
            self.host = host
            self.port = port
            self.rack = rack
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&nodeID)
            try coder.string(&host)
            try coder.int32(&port)
            try coder.nullableString(&rack)
            try coder.tags()
        }
    }
}
