/// The answer to DescribeCluster (API 60).
public struct DescribeClusterResponse: WireMessage, Sendable {
    public static var api: APIKey { .describeCluster }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Whether it worked.
    public var errorCode: ErrorCode = .none
    /// What was wrong, for people.
    public var errorMessage: String? = nil
    /// 1 for brokers, 2 for controllers (v1+).
    public var endpointType: Int8 = 1
    /// The cluster's identity, 22 characters of base64.
    public var clusterID: String = ""
    /// The controller's node id.
    public var controllerID: Int32 = -1
    /// The brokers.
    public var brokers: [Broker] = []
    /// What the client may do with the cluster, a bit for each operation; INT32_MIN when not told.
    public var clusterAuthorizedOperations: Int32 = .min

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        throttleMilliseconds: Int32 = 0, errorCode: ErrorCode = .none, errorMessage: String? = nil,
        endpointType: Int8 = 1, clusterID: String = "", controllerID: Int32 = -1, brokers: [Broker] = [],
        clusterAuthorizedOperations: Int32 = .min
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.endpointType = endpointType
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
        if coder.version >= 1 { try coder.int8(&endpointType) }
        try coder.string(&clusterID)
        try coder.int32(&controllerID)
        try coder.array(&brokers)
        try coder.int32(&clusterAuthorizedOperations)
        try coder.tags()
    }

    /// A broker to connect to.
    public struct Broker: WireStructure, Sendable {
        /// Its number.
        public var nodeID: Int32 = 0
        /// Where clients connect.
        public var host: String = ""
        /// Where clients connect.
        public var port: Int32 = 0
        /// Its place.
        public var rack: String? = nil
        /// Whether it is shut out (v2+).
        public var isFenced: Bool = false

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(nodeID: Int32 = 0, host: String = "", port: Int32 = 0, rack: String? = nil, isFenced: Bool = false)
        {
            self.nodeID = nodeID
            self.host = host
            self.port = port
            self.rack = rack
            self.isFenced = isFenced
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&nodeID)
            try coder.string(&host)
            try coder.int32(&port)
            try coder.nullableString(&rack)
            if coder.version >= 2 { try coder.bool(&isFenced) }
            try coder.tags()
        }
    }
}
