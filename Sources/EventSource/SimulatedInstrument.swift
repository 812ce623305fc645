import FlatBuffers
import Observability
import Schemas
import Streams
import System

/// A neutron instrument that is not there: sends the events of a powder diffractometer pulse by pulse.
///
/// For every pulse, on `<INSTRUMENT>_events`: one pu00 (proton charge, vetoes, period), the detector's events in ev44
/// messages of at most `eventsPerMessageMaximum` events, and one ev44 of the monitor, whose events have no pixels. The
/// records' time is the pulse's. It knows nothing of runs: whoever starts one writes down what passes by.
///
/// `run` works on the thread that calls it; the rest may be called from any thread.
public final class SimulatedInstrument {
    private let streams: any Streams
    private let configuration: SimulationConfiguration
    private let clock: any Clock
    private let log = Log("source")
    private let meters: Meters
    private let tables: EventTables
    private let pause: (_ nanoseconds: UInt64, _ stop: StopSignal) -> Void

    /// Sent later than this after it was due, a pulse counts as late.
    public static let lateMilliseconds = 20

    /// The metrics of one instrument.
    private struct Meters {
        let pulses: Counter, late: Counter, skipped: Counter, events: Counter, bytes: Counter, failed: Counter
        let lag: Gauge

        init(_ metrics: Metrics, instrument: String) {
            let labels = ["instrument": instrument]
            pulses = metrics.counter("sluice_source_pulses_total", "Pulses sent", labels)
            late = metrics.counter("sluice_source_late_pulses_total", "Pulses sent more than 20 ms late", labels)
            skipped = metrics.counter(
                "sluice_source_skipped_pulses_total", "Pulses left out because sending was 10 s behind", labels)
            events = metrics.counter("sluice_source_events_total", "Detector and monitor events sent", labels)
            bytes = metrics.counter("sluice_source_bytes_total", "Bytes of messages sent", labels)
            failed = metrics.counter(
                "sluice_source_failed_messages_total", "Messages that the broker did not take", labels)
            lag = metrics.gauge("sluice_source_lag_seconds", "How late the last pulse was sent", labels)
        }
    }

    /// An instrument that will send to `streams`.
    ///
    /// - Throws: `invalidConfiguration` when a setting is outside its range.
    public convenience init(
        streams: any Streams, configuration: SimulationConfiguration, metrics: Metrics,
        clock: any Clock = SystemClock()
    ) throws(EventSourceError) {
        try self.init(streams: streams, configuration: configuration, metrics: metrics, clock: clock) { wait, stop in
            _ = stop.wait(milliseconds: Int((wait + 999_999) / 1_000_000))
        }
    }

    /// As above, with another way to wait, for tests that make their own time.
    init(
        streams: any Streams, configuration: SimulationConfiguration, metrics: Metrics, clock: any Clock,
        pause: @escaping (_ nanoseconds: UInt64, _ stop: StopSignal) -> Void
    ) throws(EventSourceError) {
        try configuration.validate()
        self.streams = streams
        self.configuration = configuration
        self.clock = clock
        self.pause = pause
        meters = Meters(metrics, instrument: configuration.instrument.name)
        let frame = min(configuration.pulseIntervalNanoseconds, UInt64(Int32.max) - 1)
        tables = EventTables(configuration.instrument, frameNanoseconds: Int32(frame))
    }

    /// Sends pulses until the signal is given, then waits for the last ones to be delivered.
    ///
    /// The topic is made when it does not exist. What the broker refuses is counted and left behind, as a real
    /// instrument's data would be; only a closed stream, or one that cannot be opened, ends the work.
    public func run(until stop: StopSignal) throws(EventSourceError) {
        do throws(StreamError) {
            try streams.ensureTopic(TopicSpecification(configuration.instrument.eventsTopic))
            let producer = try streams.makeProducer(
                ProducerOptions(acknowledgement: configuration.acknowledgement, lingerMilliseconds: 2))
            defer { producer.close() }
            try send(producer, until: stop)
            try producer.flush(timeoutMilliseconds: 10_000)
        } catch {
            throw .stream(error)
        }
    }

    private func send(_ producer: any StreamProducer, until stop: StopSignal) throws(StreamError) {
        let interval = configuration.pulseIntervalNanoseconds
        // Pulse times fall on multiples of the interval, as those of an accelerator do; the first is the next one.
        let wall = UInt64(max(0, clock.wallNanoseconds))
        let untilFirst = interval - wall % interval
        let epoch = wall + untilFirst
        var schedule = PulseSchedule(
            firstNanoseconds: clock.monotonicNanoseconds + untilFirst, intervalNanoseconds: interval)
        var writer = PulseWriter(configuration, tables)
        let failed = meters.failed
        let delivered: @Sendable (Result<Int64, StreamError>) -> Void = { result in
            if case .failure = result { failed.add() }
        }
        while !stop.isRequested {
            switch schedule.action(at: clock.monotonicNanoseconds) {
            case .wait(let nanoseconds): pause(nanoseconds, stop)
            case .skip(let count):
                meters.skipped.add(Int(count))
                writer.skip(count)
                log.warningOncePerMinute(
                    cause: "skipped",
                    "\(configuration.instrument.name): more than 10 s behind; pulses are left out")
            case .send(let index, let lag):
                meters.lag.set(Double(lag) * 1e-9)
                if lag > UInt64(Self.lateMilliseconds) * 1_000_000 { meters.late.add() }
                let time = Int64(epoch + index * interval)
                let milliseconds = time / 1_000_000
                var events = 0
                try writer.pulse(timeNanoseconds: time) { (message, count) throws(StreamError) in
                    events += count
                    try deliver(message, milliseconds, producer, delivered)
                }
                meters.events.add(events)
                meters.pulses.add()
            }
        }
    }

    private func deliver(
        _ message: UnsafeRawBufferPointer, _ milliseconds: Int64, _ producer: any StreamProducer,
        _ delivered: @escaping @Sendable (Result<Int64, StreamError>) -> Void
    ) throws(StreamError) {
        do throws(StreamError) {
            try producer.send(
                topic: configuration.instrument.eventsTopic, partition: 0, key: nil, value: message, headers: [],
                timestampMilliseconds: milliseconds, delivered: delivered)
            meters.bytes.add(message.count)
        } catch {
            if error.code == .closed { throw error }
            meters.failed.add()
            log.warningOncePerMinute(cause: "refused", "\(configuration.instrument.name): message lost: \(error)")
        }
    }
}
