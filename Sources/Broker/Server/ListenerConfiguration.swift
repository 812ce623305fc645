import System

/// One address at which the server listens.
public struct ListenerConfiguration: Sendable {
    /// The name in logs and metrics.
    public var name: String
    /// Where to listen; port 0 takes a free one.
    public var bind: Endpoint
    /// The address that Metadata tells clients to dial; nil for the local address that each client has connected to,
    /// port 0 for the port of the listener.
    public var advertised: Endpoint?

    /// A listener at `bind`.
    public init(name: String, bind: Endpoint, advertised: Endpoint? = nil) {
        self.name = name
        self.bind = bind
        self.advertised = advertised
    }
}
