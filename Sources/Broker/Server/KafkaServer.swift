import Observability
import Reactor
import Synchronization
import System

/// A loop with the handler that answers the requests of its connections.
public final class ServerShard {
    /// The shard's thread.
    public let loop: EventLoop
    let handler: any RequestHandling

    /// The shard of `loop`, whose requests `handler` answers.
    public init(_ loop: EventLoop, _ handler: any RequestHandling) {
        self.loop = loop
        self.handler = handler
    }
}

/// Listens for Kafka clients and hands their requests to the shards' handlers.
///
/// The first shard accepts; connections go to the shards in turn. Belongs to the first shard's loop: it is made before that loop
/// runs, or on it. Stopping the loops closes everything.
public final class KafkaServer {
    private let shards: [ServerShard]
    private let limits: ServerLimits
    private let metrics: ServerMetrics
    private let admits: (Endpoint) -> Bool
    private var listeners: [TCPListener] = []
    private let log = Log("server")
    private var nextShard = 0
    private static let lastConnectionID = Atomic<UInt64>(0)

    /// Open connections of all shards.
    private final class OpenCount: Sendable {
        let value = Atomic<Int>(0)
    }

    private let openCount = OpenCount()

    /// Where it listens, in the order of the configuration, with real ports.
    public private(set) var endpoints: [Endpoint] = []

    /// Connections that are open now; from any thread.
    public var connectionCount: Int { openCount.value.load(ordering: .relaxed) }

    /// Opens all listeners, or none and throws.
    ///
    /// - Parameter admits: whether a client from this address may connect now; called on the first shard's thread.
    public init(
        _ shards: [ServerShard], listeners configurations: [ListenerConfiguration], limits: ServerLimits,
        metrics: Metrics, admits: @escaping (Endpoint) -> Bool = { _ in true }
    ) throws(ListenError) {
        precondition(!shards.isEmpty && !configurations.isEmpty)
        self.shards = shards
        self.limits = limits
        self.metrics = ServerMetrics(metrics)
        self.admits = admits
        for configuration in configurations {
            let counters = self.metrics.connections(listener: configuration.name)
            do throws(ListenError) {
                let listener = try TCPListener(configuration.bind, shards[0].loop) { socket, remote in
                    self.accept(socket, remote, configuration, counters)
                }
                listeners.append(listener)
                endpoints.append(listener.endpoint)
            } catch {
                stopAccepting()
                throw error
            }
        }
    }

    /// Closes the listeners; connections go on.
    public func stopAccepting() {
        for listener in listeners { listener.close() }
        listeners = []
    }

    private func accept(
        _ socket: consuming FileDescriptor, _ remote: Endpoint, _ configuration: ListenerConfiguration,
        _ counters: ServerMetrics.Connections
    ) {
        guard openCount.value.load(ordering: .relaxed) < limits.connectionsMax else {
            metrics.refusedConnections.add()
            log.warningOncePerMinute(
                cause: "connections", "refused a connection from \(remote): \(limits.connectionsMax) are open already")
            return
        }
        guard admits(remote) else {
            metrics.refusedConnections.add()
            log.warningOncePerMinute(
                cause: "connection-rate", "refused a connection from \(remote.host): more a second than its quota")
            return
        }
        let client = Client(
            remote: remote, configuration: configuration, counters: counters, openCount: openCount, limits: limits,
            metrics: metrics)
        let shard = shards[nextShard]
        nextShard = (nextShard + 1) % shards.count
        if shard === shards[0] { return client.adopt(socket, shard) }
        let raw = socket.release()
        let bound = LoopBound(shard, shard.loop)
        let posted = shard.loop.post { client.adopt(FileDescriptor(owning: raw), bound.value) }
        if !posted { _ = FileDescriptor(owning: raw) }
    }

    /// What a shard needs to know of a new connection.
    private struct Client: Sendable {
        let remote: Endpoint
        let configuration: ListenerConfiguration
        let counters: ServerMetrics.Connections
        let openCount: OpenCount
        let limits: ServerLimits
        let metrics: ServerMetrics

        /// Makes the socket a connection of the shard; on the shard's thread.
        func adopt(_ socket: consuming FileDescriptor, _ shard: ServerShard) {
            let log = Log("server")
            let local = Endpoint.local(of: socket.raw) ?? configuration.bind
            let advertised = configuration.advertised ?? local
            let peer = PeerContext(
                connectionID: KafkaServer.lastConnectionID.wrappingAdd(1, ordering: .relaxed).newValue,
                remoteAddress: remote.description, listenerName: configuration.name, advertisedHost: advertised.host,
                advertisedPort: Int32(advertised.port == 0 ? local.port : advertised.port))
            let (counters, openCount) = (counters, openCount)
            let client = KafkaConnection(peer, shard.handler, limits, metrics) { client, reason in
                openCount.value.wrappingSubtract(1, ordering: .relaxed)
                counters.open.add(-1)
                log.debug("connection \(client.peer.connectionID) of \(client.peer.remoteAddress) ended: \(reason)")
            }
            do throws(SystemError) {
                client.attach(
                    try TCPConnection(
                        socket, remote: remote, loop: shard.loop, limits: limits.connection, delegate: client))
            } catch {
                return log.warningOncePerMinute(cause: "adopt", "lost a connection from \(remote): \(error)")
            }
            openCount.value.wrappingAdd(1, ordering: .relaxed)
            counters.open.add(1)
            counters.total.add()
        }
    }
}
