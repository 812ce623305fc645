import Observability
import Streams
import Synchronization
import System

/// A Kafka broker of one node: its data directory, its topics, and the listeners that clients connect to.
///
/// Opened by `init`, which recovers the logs; `start` begins to listen; `stop` ends it once and for all.
public final class Broker: Sendable {
    private let core: BrokerCore
    private let embedded: EmbeddedStreams
    private let isStopped = Atomic<Bool>(false)

    /// Opens the data directory, making it when it does not exist.
    ///
    /// - Throws: `dataDirectoryLocked`, which names the process that holds the directory; `dataDirectory` when it
    ///   cannot be used or understood, nothing in it being changed; `storage` for failing disks.
    public init(options: BrokerOptions, metrics: Metrics, clock: any Clock = SystemClock()) throws(BrokerError) {
        core = try BrokerCore(options, metrics: metrics, clock: clock)
        embedded = EmbeddedStreams(catalog: core.catalog, offsets: core.offsets, options: options, clock: clock)
    }

    /// Topics, records and offsets without a socket, for services in this process.
    public var streams: EmbeddedStreams { embedded }

    /// Where clients can connect, once started: ports of 0 have become free ones.
    public var addresses: [Endpoint] { [] }

    /// Begins to listen.
    ///
    /// - Throws: `addressInUse` or `addressInvalid`; nothing listens then.
    public func start() throws(BrokerError) {}

    /// Stops listening, finishes what is under way, makes everything durable and marks the data directory clean.
    /// Later calls do nothing.
    public func stop() {
        guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        embedded.close()
        core.close()
    }

    /// The cluster's identity: 22 characters of base64.
    public var clusterID: String { core.clusterID }
}
