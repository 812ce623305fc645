import Glibc
import Reactor
import System

/// The running part of a broker: its event loops and listeners.
final class Listening: Sendable {
    /// How long stopping waits for requests that are under way.
    private static let drainMilliseconds = 5000

    /// Where clients can connect.
    let endpoints: [Endpoint]
    private let loops: [EventLoop]
    private let handlers: [LoopBound<RequestDispatcher>]
    private let server: LoopBound<KafkaServer>

    /// Opens all listeners of the options, or none, and starts to answer.
    init(_ core: BrokerCore) throws(BrokerError) {
        let options = core.options
        var shards: [ServerShard] = []
        var handlers: [LoopBound<RequestDispatcher>] = []
        do throws(SystemError) {
            for index in 0..<Self.shardCount(options) {
                let loop = try EventLoop(name: "shard-\(index)", clock: core.clock)
                let handler = RequestDispatcher(core, Shard(core, loop))
                handlers.append(LoopBound(handler, loop))
                shards.append(ServerShard(loop, handler))
            }
        } catch {
            throw BrokerError(.storage, "cannot make an event loop: \(error)")
        }
        loops = shards.map(\.loop)
        self.handlers = handlers
        let server: KafkaServer
        do throws(ListenError) {
            server = try KafkaServer(
                shards, listeners: Self.listeners(options), limits: Self.limits(core), metrics: core.metrics,
                admits: { core.throttle.admits(ip: $0.host) })
        } catch {
            throw BrokerError(
                error.cause.code == EADDRINUSE ? .addressInUse : .addressInvalid, "\(error)")
        }
        endpoints = server.endpoints
        self.server = LoopBound(server, shards[0].loop)
        for loop in loops { loop.start() }
    }

    private static func shardCount(_ options: BrokerOptions) -> Int {
        if let shards = options.shards { return max(1, shards) }
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        return cores <= 4 ? 1 : cores / 2
    }

    private static func listeners(_ options: BrokerOptions) -> [ListenerConfiguration] {
        options.listen.enumerated().map { index, endpoint in
            let advertised = index < options.advertise.count ? options.advertise[index] : nil
            return ListenerConfiguration(name: "\(endpoint)", bind: endpoint, advertised: advertised)
        }
    }

    private static func limits(_ core: BrokerCore) -> ServerLimits {
        var limits = ServerLimits()
        limits.request = core.catalog.requestLimit
        limits.connectionsMax = core.options.connectionsMax
        return limits
    }

    /// Accepts no more connections and waits until every loop has passed on what it has.
    func stopAccepting() {
        let server = server
        loops[0].post { server.value.stopAccepting() }
        barrier()
    }

    /// Has everything answered that waits for something that may not come, such as new records.
    func answerWaiting() {
        for (loop, handler) in zip(loops, handlers) { loop.post { handler.value.stopping() } }
        barrier()
    }

    /// Waits until every loop has run what was posted to it before.
    func barrier() {
        let left = Condition(loops.count)
        for loop in loops where !loop.post({ left.update { $0 -= 1 } }) { left.update { $0 -= 1 } }
        _ = left.wait(milliseconds: Self.drainMilliseconds) { $0 <= 0 ? true : nil }
    }

    /// Ends the loops with all connections.
    func stop() {
        for loop in loops { loop.stop() }
        for loop in loops { loop.join() }
    }
}
