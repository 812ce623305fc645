import Observability
import Streams
import Synchronization
import System

/// Counts a beamline's events into histograms and publishes them.
///
/// A run's histograms begin when its pl72 is read: the event topic is then read again from the run's start time, so
/// that every pulse of the run is counted once, whenever the order came. Events before the first run are counted as
/// they arrive; after a run has ended its histograms stay until the next begins.
public final class Histogrammer: Sendable {
    private let streams: any Streams
    private let configuration: HistogrammerConfiguration
    private let metrics: Metrics
    private let clock: any Clock
    private let latest = Mutex<HistogramSnapshot?>(nil)

    /// A histogrammer that has not begun.
    public init(
        streams: any Streams, configuration: HistogrammerConfiguration, metrics: Metrics,
        clock: any Clock = SystemClock()
    ) {
        precondition(configuration.publishIntervalMilliseconds >= 10, "histograms are published every 10 ms at most")
        self.streams = streams
        self.configuration = configuration
        self.metrics = metrics
        self.clock = clock
    }

    /// The histograms as they were last published; nil before the first time. May be asked from any thread.
    public var snapshot: HistogramSnapshot? { latest.withLock { $0 } }

    /// Counts and publishes until `stop`; then publishes once more. Missing topics are created.
    ///
    /// When no broker answers it tries again every second; other failures of single reads and sends are counted,
    /// logged and left behind.
    /// - Throws: when a topic can neither be found nor created, or the streams are closed.
    public func run(until stop: StopSignal) throws(StreamError) {
        guard let work = try begin(stop) else { return }
        defer { work.close() }
        while !stop.isRequested {
            do throws(StreamError) {
                try work.step(waitMilliseconds: min(100, configuration.publishIntervalMilliseconds))
            } catch {
                guard error.code != .closed else { throw error }
                work.note(error)
                if error.code == .unreachable, stop.wait(milliseconds: 1000) { break }
            }
        }
        work.publishNews()
    }

    private func begin(_ stop: StopSignal) throws(StreamError) -> HistogrammerLoop? {
        while true {
            do throws(StreamError) {
                return try makeLoop()
            } catch {
                guard error.code == .unreachable || error.code == .timedOut else { throw error }
                Log("histogrammer").warningOncePerMinute(cause: "unreachable", error.message)
                if stop.wait(milliseconds: 1000) { return nil }
            }
        }
    }

    /// The work of one thread, ready to step.
    func makeLoop() throws(StreamError) -> HistogrammerLoop {
        try HistogrammerLoop(streams, configuration, metrics, clock) { [self] snapshot in
            latest.withLock { $0 = snapshot }
        }
    }
}
