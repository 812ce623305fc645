import FlatBuffers
import Observability
import Schemas
import Streams
import System

/// The work of a histogrammer, step by step. Belongs to one thread.
final class HistogrammerLoop {
    /// How many of the latest messages about runs are read at the start.
    private static let runMessagesMax: Int64 = 100
    /// Reads without a pause before runs and publications get their turn.
    private static let readsMax = 8
    /// How long after a run's end its last events may still arrive, in ns.
    private static let graceNanoseconds: Int64 = 1_000_000_000
    /// How often the end of a run's events is looked for, in ns.
    private static let completionIntervalNanoseconds: UInt64 = 200_000_000
    private static let ev44 = code("ev44")
    private static let pu00 = code("pu00")

    private let streams: any Streams
    private let configuration: HistogrammerConfiguration
    private let metrics: HistogrammerMetrics
    private let clock: any Clock
    private let publishSnapshot: (HistogramSnapshot) -> Void
    /// Events in the last publication.
    private var publishedEvents: Int64 = 0
    private let log = Log("histogrammer")
    private let runs: any StreamReader
    private let events: any StreamReader
    private let producer: any StreamProducer
    private let accumulator: EventAccumulator
    private var writer: HistogramWriter
    private var follower = RunFollower()
    private var generation = 0
    /// The run that the histograms hold; nil before the first.
    private var runName: String?
    private var state = HistogramSnapshot.State.counting
    /// Partitions that have delivered a pulse behind the run's end.
    private var passed: Set<Int> = []
    private var nextPublishNanoseconds: UInt64
    private var nextCompletionNanoseconds: UInt64 = 0
    private var counted: (events: Int64, vetoed: Int64) = (0, 0)

    init(
        _ streams: any Streams, _ configuration: HistogrammerConfiguration, _ metrics: Metrics, _ clock: any Clock,
        _ publishSnapshot: @escaping (HistogramSnapshot) -> Void
    ) throws(StreamError) {
        self.streams = streams
        self.configuration = configuration
        self.metrics = HistogrammerMetrics(metrics, topic: configuration.eventsTopic)
        self.clock = clock
        self.publishSnapshot = publishSnapshot
        for topic in [configuration.eventsTopic, configuration.runInfoTopic, configuration.outputTopic] {
            try streams.ensureTopic(TopicSpecification(topic))
        }
        let runPartition = TopicPartition(configuration.runInfoTopic, 0)
        let known = try streams.watermarks(runPartition)
        let first = max(known.low, known.high - Self.runMessagesMax)
        runs = try streams.makeReader([ReaderAssignment(runPartition, from: .offset(first))])
        events = try streams.makeReader(try streams.assignments(configuration.eventsTopic, from: .end))
        producer = try streams.makeProducer(ProducerOptions(acknowledgement: .written, lingerMilliseconds: 0))
        accumulator = EventAccumulator(configuration, partitions: events.assignments.count)
        writer = HistogramWriter(configuration.detector)
        nextPublishNanoseconds = clock.monotonicNanoseconds + configuration.publishIntervalNanoseconds
    }

    func close() {
        runs.close()
        events.close()
        producer.close()
    }

    /// Follows the runs, counts what is there, publishes when it is time.
    ///
    /// - Parameter waitMilliseconds: how long to wait for events when there are none.
    func step(waitMilliseconds: Int) throws(StreamError) {
        try followRuns()
        let now = clock.monotonicNanoseconds
        let untilPublish = nextPublishNanoseconds > now ? Int((nextPublishNanoseconds - now) / 1_000_000) : 0
        try count(waitMilliseconds: min(waitMilliseconds, untilPublish))
        try finishWhenComplete()
        guard clock.monotonicNanoseconds >= nextPublishNanoseconds else { return }
        let next = nextPublishNanoseconds + configuration.publishIntervalNanoseconds
        // A reader that was held up publishes once, not once for every missed time.
        nextPublishNanoseconds = max(next, clock.monotonicNanoseconds)
        publishNews()
    }

    /// Whether a publication would tell anything: a run is being counted, or without one events came since the last. An
    /// idle beamline must not fill the log with what is known.
    private var hasNews: Bool {
        state == .counting && (generation > 0 || accumulator.events != publishedEvents)
    }

    /// Counts and logs a failure. A partition whose next record is gone continues at the oldest one kept.
    func note(_ error: StreamError) {
        metrics.failures.add()
        log.warningOncePerMinute(cause: "\(error.code)", error.message)
        guard error.code == .offsetOutOfRange else { return }
        for (index, partition) in events.assignments.enumerated() {
            guard let marks = try? streams.watermarks(partition) else { continue }
            let position = events.position(index)
            // Partitions that are well must not be counted twice.
            guard position < marks.low || position > marks.high else { continue }
            try? events.seek(index, to: .beginning)
        }
    }

    // MARK: - Runs

    private func followRuns() throws(StreamError) {
        var failures: [SchemaError] = []
        while try runs.read(
            waitMilliseconds: 0,
            { record in
                guard let value = record.value else { return }
                let sent =
                    record.timestampMilliseconds >= 0 ? record.timestampMilliseconds : clock.wallMilliseconds
                do throws(SchemaError) {
                    try follower.take(value, timestampMilliseconds: sent)
                } catch {
                    failures.append(error)
                }
            }) > 0
        {}
        for failure in failures { reject("run message", failure) }
        if follower.generation != generation { try beginRun() }
        try followStop()
    }

    private func beginRun() throws(StreamError) {
        guard let run = follower.run else { return }
        if generation > 0, state == .counting {
            // The former run, if it is still open, ends with what it has before its stop.
            if follower.generation == generation + 1, let former = follower.former {
                _ = endWindow(former.window.upperBound)
            }
            publish(as: .finished)
        }
        try countFromStart(run)
        generation = follower.generation
        runName = run.name
        state = .counting
        log.info("counting run \(run.name)")
    }

    /// Applies a stop that became known, or another than was known, to what is already counted.
    private func followStop() throws(StreamError) {
        guard state == .counting, let run = follower.run else { return }
        let stop = run.window.upperBound
        guard stop != accumulator.window.upperBound, !endWindow(stop) else { return }
        try countFromStart(run)
        log.info("counting run \(run.name) again: its stop is not among the latest pulses")
    }

    private func endWindow(_ stop: Int64) -> Bool {
        let isExact = accumulator.end(before: stop)
        // What was taken out stays in the metrics: they tell the work done, and only grow.
        counted = (accumulator.events, accumulator.vetoedEvents)
        return isExact
    }

    private func countFromStart(_ run: RunFollower.Run) throws(StreamError) {
        for index in events.assignments.indices {
            try events.seek(index, to: .timestamp(run.startNanoseconds / 1_000_000))
        }
        accumulator.reset(window: run.window)
        counted = (0, 0)
        passed = []
    }

    /// A run is over when each partition has delivered a later pulse, or all that it had some time after the end.
    private func finishWhenComplete() throws(StreamError) {
        guard state == .counting, let run = follower.run, let stop = run.stopNanoseconds else { return }
        if passed.count < events.assignments.count {
            let now = clock.monotonicNanoseconds
            guard now >= nextCompletionNanoseconds, clock.wallNanoseconds >= stop &+ Self.graceNanoseconds else {
                return
            }
            nextCompletionNanoseconds = now + Self.completionIntervalNanoseconds
            for (index, partition) in events.assignments.enumerated() where !passed.contains(index) {
                guard events.position(index) >= (try streams.watermarks(partition).high) else { return }
            }
        }
        state = .finished
        log.info("run \(run.name) is counted: \(accumulator.events) events")
        publish()
        accumulator.forgetRecentPulses()
    }

    // MARK: - Events

    private func count(waitMilliseconds: Int) throws(StreamError) {
        defer { report() }
        let stop = follower.run?.stopNanoseconds
        var failures: [SchemaError] = []
        var wait = waitMilliseconds
        for _ in 0..<Self.readsMax {
            let messages = try events.read(waitMilliseconds: wait) { record in
                guard let value = record.value, value.count >= 8, state == .counting else { return }
                do throws(SchemaError) {
                    switch value.loadUnaligned(fromByteOffset: 4, as: UInt32.self) {
                    case Self.ev44:
                        let message = try EV44(value)
                        let pixels = message.pixelID?.count ?? 0
                        guard pixels == 0 || pixels == message.events else {
                            throw SchemaError.malformed(
                                identifier: EV44.identifier,
                                cause: .init(.unknownValue(pixels), field: "pixel_id", position: 0))
                        }
                        let last = accumulator.take(message, partition: record.assignment)
                        if let stop, let last, last >= stop { passed.insert(record.assignment) }
                    case Self.pu00: accumulator.take(try PU00(value), partition: record.assignment)
                    default: break
                    }
                } catch {
                    failures.append(error)
                }
            }
            metrics.messages.add(messages)
            for failure in failures { reject("event message", failure) }
            failures.removeAll(keepingCapacity: true)
            guard messages > 0, clock.monotonicNanoseconds < nextPublishNanoseconds else { return }
            wait = 0
        }
    }

    private func reject(_ what: String, _ failure: SchemaError) {
        metrics.badMessages.add()
        log.warningOncePerMinute(cause: what, "skipped \(what): \(failure)")
    }

    private func report() {
        metrics.events.add(Int(accumulator.events - counted.events))
        metrics.vetoedEvents.add(Int(accumulator.vetoedEvents - counted.vetoed))
        counted = (accumulator.events, accumulator.vetoedEvents)
        let lag = accumulator.latestSeenNanoseconds.map { Double(clock.wallNanoseconds - $0) / 1e9 }
        metrics.lag.set(max(0, lag ?? 0))
    }

    private static func code(_ identifier: String) -> UInt32 {
        identifier.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    // MARK: - Publishing

    /// Sends all histograms if that would tell anything.
    func publishNews() {
        if hasNews { publish() }
    }

    /// Sends all histograms as they are now.
    func publish() { publish(as: state) }

    private func publish(as state: HistogramSnapshot.State) {
        let snapshot = snapshot(state)
        publishSnapshot(snapshot)
        publishedEvents = snapshot.events
        let now = clock.wallNanoseconds
        do throws(StreamError) {
            for source in HistogramWriter.Source.allCases {
                let key = Array(source.rawValue.utf8)
                try writer.write(source, snapshot, timestampNanoseconds: now) { (bytes) throws(StreamError) in
                    try key.withUnsafeBufferPointer { (key) throws(StreamError) in
                        try producer.send(
                            topic: configuration.outputTopic, partition: nil, key: UnsafeRawBufferPointer(key),
                            value: bytes, headers: [], timestampMilliseconds: now / 1_000_000, delivered: nil)
                    }
                }
                metrics.publications.add()
            }
            try producer.flush(timeoutMilliseconds: 5000)
        } catch {
            note(error)
        }
    }

    private func snapshot(_ state: HistogramSnapshot.State) -> HistogramSnapshot {
        HistogramSnapshot(
            runName: runName, state: state, edges: configuration.timeOfFlight.edges,
            timeOfFlight: accumulator.timeOfFlight.counts, detectorMap: accumulator.detectorMap.counts,
            monitor: accumulator.monitor.counts, events: accumulator.events,
            monitorEvents: accumulator.monitorEvents, vetoedEvents: accumulator.vetoedEvents,
            outsideMap: accumulator.detectorMap.outside,
            outsideTime: accumulator.timeOfFlight.outside + accumulator.monitor.outside,
            lastPulseNanoseconds: accumulator.lastPulseNanoseconds)
    }
}

extension HistogrammerConfiguration {
    /// How often histograms are published, in ns.
    var publishIntervalNanoseconds: UInt64 { UInt64(publishIntervalMilliseconds) * 1_000_000 }
}
