import Observability
import Schemas
import Streams
import Synchronization
import System

/// The file writer: takes run starts and stops from the command topics, and has each file written by a job of its own.
///
/// Replies are those of kafka-to-nexus: the start is repeated on a control topic of its own (pl72), answered (answ: 201
/// accepted, 400 not usable, 500 failed), followed by a status every 2 s (x5f2), the stop is answered, and the end is told
/// (wrdn). A run that began before the service did is found and written from its beginning.
public final class WriterService: Sendable {
    private let streams: any Streams
    private let configuration: WriterConfiguration
    private let launcher: any JobLauncher
    private let metrics: WriterMetrics
    private let clock: any Clock
    private let published = Mutex<(jobs: [JobStatus], isServing: Bool)>(([], false))

    /// Most finished jobs that `jobs` remembers.
    public static let finishedJobsMax = 100

    /// A service that is not running yet.
    public init(
        streams: any Streams, configuration: WriterConfiguration, launcher: any JobLauncher, metrics: Metrics,
        clock: any Clock = SystemClock()
    ) {
        self.streams = streams
        self.configuration = configuration
        self.launcher = launcher
        self.metrics = WriterMetrics(metrics)
        self.clock = clock
    }

    /// The jobs, the newest first. May be asked from any thread.
    public var jobs: [JobStatus] { published.withLock { $0.jobs } }

    /// Whether every run start from now on is taken. May be asked from any thread.
    public var isServing: Bool { published.withLock { $0.isServing } }

    /// Serves until `stop` is given. Jobs at work then leave their files partial; the next service begins them again.
    public func run(until stop: StopSignal) {
        let session = WriterSession(streams, configuration, launcher, metrics, clock)
        while !stop.isRequested {
            session.step()
            published.withLock { $0 = (session.statuses, session.isServing) }
        }
        session.interruptJobs()
        published.withLock { $0 = (session.statuses, false) }
    }
}
