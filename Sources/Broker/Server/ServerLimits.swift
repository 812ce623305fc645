import Reactor

/// What one server takes from its clients.
public struct ServerLimits: Sendable {
    /// Bytes of one request at most; a client that announces more is cut off.
    public var frameBytesMax = 100 << 20
    /// Requests of one connection that may wait for their answers; more are not read until some are answered.
    public var pipelinedRequestsMax = 100
    /// Connections of all listeners at once; more are closed as they come.
    public var connectionsMax = 10_000
    /// Deadlines and buffers of each connection.
    public var connection = TCPConnection.Limits()

    /// The defaults.
    public init() {}
}
