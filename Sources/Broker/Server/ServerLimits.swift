import Reactor

/// What one server takes from its clients.
public struct ServerLimits: Sendable {
    /// How large a request may be; a client that announces a larger one is cut off.
    public var request = RequestLimit()
    /// Requests of one connection that may wait for their answers; more are not read until some are answered.
    public var pipelinedRequestsMax = 100
    /// Connections of all listeners at once; more are closed as they come.
    public var connectionsMax = 10_000
    /// Deadlines and buffers of each connection.
    public var connection = TCPConnection.Limits()

    /// The defaults.
    public init() {}
}
