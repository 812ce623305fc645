import Observability
import Streams
import System

/// Carries process variables into a stream: values (f144), alarms (al00), connections (ep01), and its own status (x5f2).
public final class Forwarder: Sendable {
    /// How long the forwarder sleeps at most while its sources do not know when they have more, in ms.
    private static let pollMilliseconds = 10

    private let streams: any Streams
    private let configuration: ForwarderConfiguration
    private let metrics: Metrics
    private let clock: any Clock
    private let sources: @Sendable () -> [any PVSource]

    /// A forwarder that has not begun.
    ///
    /// - Parameter sources: makes the sources on the forwarder's own thread; nil makes the configured simulation.
    public init(
        streams: any Streams, configuration: ForwarderConfiguration, metrics: Metrics,
        clock: any Clock = SystemClock(), sources: (@Sendable () -> [any PVSource])? = nil
    ) {
        self.streams = streams
        self.configuration = configuration
        self.metrics = metrics
        self.clock = clock
        self.sources =
            sources ?? { [SimulatedPVSource(configuration.simulated, seed: configuration.seed)] }
    }

    /// Forwards until `stop`, then tells each connected variable's stream that forwarding has ended (ep01 CANCELLED).
    ///
    /// Missing topics are created. While no broker answers, updates fail, which is counted and logged once a minute.
    /// - Throws: when a topic can neither be found nor created, or the streams are closed.
    public func run(until stop: StopSignal) throws(StreamError) {
        guard let work = try begin(stop) else { return }
        defer { work.close() }
        while !stop.isRequested {
            let wait = try work.step() ?? Self.pollMilliseconds
            if stop.wait(milliseconds: wait) { break }
        }
        work.end()
    }

    private func begin(_ stop: StopSignal) throws(StreamError) -> ForwarderLoop? {
        while true {
            do throws(StreamError) {
                return try makeLoop()
            } catch {
                guard error.code == .unreachable || error.code == .timedOut else { throw error }
                Log("forwarder").warningOncePerMinute(cause: "unreachable", error.message)
                if stop.wait(milliseconds: 1000) { return nil }
            }
        }
    }

    /// The work of one thread, ready to step.
    func makeLoop() throws(StreamError) -> ForwarderLoop {
        try ForwarderLoop(streams, configuration, metrics, clock, sources())
    }
}
