/// What is known of the client at the other end of one connection. Belongs to the shard's thread.
public final class PeerContext {
    /// The connection's number, never used again in this process.
    public let connectionID: UInt64
    /// The client's address, such as `127.0.0.1:50112`.
    public let remoteAddress: String
    /// The name of the listener that the connection came in on.
    public let listenerName: String
    /// The host that Metadata tells this client to dial.
    public let advertisedHost: String
    /// The port that Metadata tells this client to dial.
    public let advertisedPort: Int32
    /// Who the client is; without authentication Kafka's name for everybody.
    public internal(set) var userName = "ANONYMOUS"
    /// Stops reading the connection for so many milliseconds.
    var mute: (Int) -> Void = { _ in }
    /// Stops reading the connection until `release` was called as often.
    var hold: () -> Void = {}
    /// Ends one `hold`.
    var release: () -> Void = {}
    /// The client id of the last request.
    public var clientID: String?
    /// The client library, from ApiVersions 3 or later.
    public var softwareName: String?
    /// The version of the client library.
    public var softwareVersion: String?
    /// Fetches of this connection that wait for records: whatever is asked behind them waits too.
    var waitingFetchCount = 0
    /// Whether the connection is gone: answers are dropped, waiting for data on its behalf is of no use.
    public internal(set) var isClosed = false

    /// What is known when the connection is accepted.
    public init(
        connectionID: UInt64, remoteAddress: String, listenerName: String, advertisedHost: String, advertisedPort: Int32
    ) {
        self.connectionID = connectionID
        self.remoteAddress = remoteAddress
        self.listenerName = listenerName
        self.advertisedHost = advertisedHost
        self.advertisedPort = advertisedPort
    }
}
