import Observability
import Streams
import Synchronization
import System

/// A Kafka broker of one node: its data directory, its topics, and the listeners that clients connect to.
///
/// Opened by `init`, which recovers the logs; `start` begins to listen; `stop` ends it once and for all. Thread-safe.
public final class Broker: Sendable {
    private struct State: Sendable {
        var listening: Listening?
        var isStopped = false
    }

    private let core: BrokerCore
    private let embedded: EmbeddedStreams
    private let state = Mutex(State())

    /// Opens the data directory, making it when it does not exist.
    ///
    /// - Throws: `dataDirectoryLocked`, which names the process that holds the directory; `dataDirectory` when it
    ///   cannot be used or understood, nothing in it being changed; `storage` for failing disks.
    public init(
        options: BrokerOptions, metrics: Metrics, clock: any Clock = SystemClock(),
        fileSystem: any FileSystem = LocalFileSystem()
    ) throws(BrokerError) {
        core = try BrokerCore(options, metrics: metrics, clock: clock, fileSystem: fileSystem)
        embedded = EmbeddedStreams(core)
    }

    /// Topics, records and offsets without a socket, for services in this process.
    public var streams: EmbeddedStreams { embedded }

    /// The cluster's identity: 22 characters of base64.
    public var clusterID: String { core.clusterID }

    /// Where clients can connect, once started: ports of 0 have become free ones.
    public var addresses: [Endpoint] { state.withLock { $0.listening?.endpoints ?? [] } }

    /// Begins to listen; without listeners in the options there is nothing to do.
    ///
    /// - Throws: `addressInUse` or `addressInvalid`; nothing listens then.
    public func start() throws(BrokerError) {
        guard !core.options.listen.isEmpty else { return }
        try state.withLock { (state) throws(BrokerError) -> Void in
            precondition(state.listening == nil && !state.isStopped, "a broker is started once")
            state.listening = try Listening(core)
        }
        embedded.address.withLock { $0 = advertised }
        Log("broker").info("listening on \(addresses.map(\.description).joined(separator: ", "))")
    }

    /// Where clients of the first listener are told to connect, as far as that does not depend on them.
    private var advertised: Endpoint? {
        guard let bound = addresses.first else { return nil }
        guard let told = core.options.advertise.first ?? nil else { return bound }
        return Endpoint(host: told.host, port: told.port == 0 ? bound.port : told.port)
    }

    /// Stops listening, finishes what is under way, makes everything durable and marks the data directory clean.
    /// Later calls do nothing.
    public func stop() {
        let (listening, isFirst) = state.withLock { state in
            defer { state.isStopped = true }
            return (state.listening, !state.isStopped)
        }
        guard isFirst else { return }
        listening?.stopAccepting()
        // Whoever waits for the disk gets an answer before the connections end.
        core.codecWorkers.drain()
        core.flush()
        core.worker.drain()
        listening?.barrier()
        listening?.answerWaiting()
        listening?.stop()
        embedded.close()
        core.close()
    }
}
