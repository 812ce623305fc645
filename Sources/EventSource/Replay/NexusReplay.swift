import Bytes
import FlatBuffers
import Observability
import Schemas
import Streams
import System

/// Sends a run again that an event NeXus file holds: start (pl72), pulses (pu00 and ev44 on `<INSTRUMENT>_events`), logs
/// (f144 on `<INSTRUMENT>_sampleEnv`, keyed by their name) in the order of their times, and stop (6s4t).
///
/// Nothing is lost on the way: every event keeps its pixel, its time of flight to the nanosecond and its pulse, every log
/// value its type. A replay that cannot deliver a message fails, after announcing the run's end.
///
/// The structure template's places are `{instrument}`, `{run_number}`, `{title}`, `{start_time}` and `{filename}`; its
/// lists `events` (each with `{source}` and `{detector}`) and `log` (each with `{log}`, `{type}` and `{units}`).
///
/// HDF5 is not made for hostile files: run this in a process of its own.
public final class NexusReplay {
    private let configuration: ReplayConfiguration
    private let streams: any Streams
    private let clock: any Clock
    private let recorded: RecordedRun
    private let instrument: String
    private let log = Log("replay")
    private let pause: (_ nanoseconds: UInt64, _ stop: StopSignal) -> Void

    /// Most events in one ev44 message; a pulse with more of them is sent in several.
    public static let eventsPerMessageMaximum = 20_000_000
    /// Progress is told at most once in this time.
    public static let progressMilliseconds = 200
    private static let flushMilliseconds = 60_000

    /// Opens the file and reads everything but the events.
    ///
    /// - Throws: `unreadable` with the path in the file; `invalidConfiguration`.
    public convenience init(
        streams: any Streams, configuration: ReplayConfiguration, clock: any Clock = SystemClock()
    ) throws(EventSourceError) {
        try self.init(streams: streams, configuration: configuration, clock: clock) { wait, stop in
            _ = stop.wait(milliseconds: Int((wait + 999_999) / 1_000_000))
        }
    }

    /// As above, with another way to wait, for tests that make their own time.
    init(
        streams: any Streams, configuration: ReplayConfiguration, clock: any Clock,
        pause: @escaping (_ nanoseconds: UInt64, _ stop: StopSignal) -> Void
    ) throws(EventSourceError) {
        try configuration.validate()
        self.configuration = configuration
        self.streams = streams
        self.clock = clock
        self.pause = pause
        recorded = try RecordedRun(configuration.path)
        guard let name = configuration.instrument ?? recorded.instrument else {
            throw .invalidConfiguration("\(configuration.path) does not name its instrument: give one")
        }
        try InstrumentDescription(name: name).validate()
        instrument = name
    }

    /// Sends the run; returns when all of it is delivered, or as soon as possible after the signal is given.
    ///
    /// - Parameter progress: called on this thread now and then, and at the end.
    @discardableResult
    public func run(
        until stop: StopSignal, progress report: (ReplayProgress) -> Void = { _ in }
    ) throws(EventSourceError) -> ReplayProgress {
        let lastPulse = recorded.pulseTimes.max() ?? recorded.startNanoseconds
        let timeline = LogTimeline(recorded.logs, until: configuration.sendsTrailingLogs ? nil : lastPulse)
        let last = max(lastPulse, timeline.entries.last?.timeNanoseconds ?? lastPulse)
        var session = Session(recorded, timeline, duration: max(0, last - recorded.startNanoseconds))
        session.shift = shift(duration: session.progress.durationNanoseconds)
        let first = min(recorded.startNanoseconds, timeline.entries.first?.timeNanoseconds ?? .max)
        let identity = identity(
            shift: session.shift, firstNanoseconds: first, durationNanoseconds: session.progress.durationNanoseconds)
        session.progress.instrument = instrument
        session.progress.jobID = identity.job
        session.progress.filename = identity.filename
        session.progress.startTimeMilliseconds = identity.startMilliseconds
        for notice in session.progress.notices { log.warning("\(configuration.path): \(notice)") }
        do throws(StreamError) {
            for suffix in ["_events", "_sampleEnv", "_runInfo"] {
                try streams.ensureTopic(TopicSpecification(instrument + suffix))
            }
        } catch {
            throw .stream(error)
        }
        try announceStart(identity)
        var failure: EventSourceError?
        do throws(EventSourceError) {
            try send(&session, until: stop, report)
        } catch {
            failure = error
        }
        // Data of the last millisecond belong to the run: it ends in the next one.
        let end = (session.lastSent ?? recorded.startNanoseconds) + session.shift
        session.progress.stopTimeMilliseconds = max(identity.startMilliseconds, end / 1_000_000 + 1)
        do throws(EventSourceError) {
            try announceStop(identity, session.progress.stopTimeMilliseconds)
        } catch {
            failure = failure ?? error
        }
        if let failure { throw failure }
        session.progress.isComplete = session.isAtEnd
        report(session.progress)
        return session.progress
    }

    // MARK: - Data

    /// The state of a replay on its way.
    private struct Session: ~Copyable {
        var progress = ReplayProgress()
        var merge: PulseMerge
        var timeline: LogTimeline
        var builder = FlatBufferBuilder(capacity: 1 << 16)
        /// What is added to every recorded time.
        var shift: Int64 = 0
        /// The latest recorded time that was sent.
        var lastSent: Int64?
        var isAtEnd = false
        var pulse: PulseMerge.Pulse?
        var messages: [Int64]

        init(_ run: RecordedRun, _ timeline: LogTimeline, duration: Int64) {
            merge = PulseMerge(run.banks)
            self.timeline = timeline
            pulse = merge.next()
            messages = run.banks.map { _ in 0 }
            progress.pulsesTotal = run.pulseTimes.count
            progress.eventsTotal = run.eventCount
            progress.logValuesTotal = timeline.entries.count
            progress.durationNanoseconds = duration
            progress.notices = run.notices
            if timeline.untimedCount > 0 {
                progress.notices.append("\(timeline.untimedCount) log values without a time: left out")
            }
        }
    }

    private func send(
        _ session: inout Session, until stop: StopSignal, _ report: (ReplayProgress) -> Void
    ) throws(EventSourceError) {
        let producer = try attempt { () throws(StreamError) in
            try streams.makeProducer(ProducerOptions(acknowledgement: .durable, lingerMilliseconds: 2))
        }
        defer { producer.close() }
        let begin = clock.monotonicNanoseconds
        var lastReport = begin
        while !stop.isRequested {
            let logTime = session.timeline.nextTime
            guard let time = [session.pulse?.timeNanoseconds, logTime].compactMap({ $0 }).min() else {
                session.isAtEnd = true
                break
            }
            guard waitUntilDue(time, begin, stop) else { break }
            if let logTime, logTime <= session.pulse?.timeNanoseconds ?? .max {
                try sendLogValue(&session, producer)
            } else {
                try sendPulse(&session, producer)
            }
            session.lastSent = max(session.lastSent ?? time, time)
            session.progress.elapsedNanoseconds = max(0, time - recorded.startNanoseconds)
            let now = clock.monotonicNanoseconds
            if now - lastReport >= UInt64(Self.progressMilliseconds) * 1_000_000 {
                lastReport = now
                report(session.progress)
            }
        }
        try attempt { () throws(StreamError) in try producer.flush(timeoutMilliseconds: Self.flushMilliseconds) }
    }

    /// Waits until a recorded time is due, on a schedule without drift; false when the replay is to stop.
    private func waitUntilDue(_ time: Int64, _ begin: UInt64, _ stop: StopSignal) -> Bool {
        let factor: Double
        switch configuration.speed {
        case .asFastAsPossible: return true
        case .recorded: factor = 1
        case .times(let times): factor = times
        }
        let due = begin + UInt64(Double(max(0, time - recorded.startNanoseconds)) / factor)
        while !stop.isRequested {
            let now = clock.monotonicNanoseconds
            if now >= due { return true }
            pause(due - now, stop)
        }
        return false
    }

    private func sendLogValue(
        _ session: inout Session, _ producer: any StreamProducer
    ) throws(EventSourceError) {
        let (time, name, value) = session.timeline.take()
        let shifted = time + session.shift
        F144.encode(sourceName: name, timestamp: shifted, value: value, into: &session.builder)
        let topic = instrument + "_sampleEnv"
        let key = Array(name.utf8)
        try attempt { () throws(StreamError) in
            try session.builder.withBytes { (bytes) throws(StreamError) in
                try key.withUnsafeBufferPointer { (key) throws(StreamError) in
                    try producer.send(
                        topic: topic, partition: 0, key: UnsafeRawBufferPointer(key), value: bytes, headers: [],
                        timestampMilliseconds: Self.milliseconds(shifted), delivered: nil)
                }
            }
        }
        session.progress.logValues += 1
    }

    private func sendPulse(_ session: inout Session, _ producer: any StreamProducer) throws(EventSourceError) {
        guard let pulse = session.pulse else { return }
        let index = session.progress.pulses
        let time = pulse.timeNanoseconds + session.shift
        PU00.encode(
            sourceName: instrument, messageID: Int64(index), referenceTime: time, vetos: nil,
            periodNumber: index < recorded.periods.count ? recorded.periods[index] : nil,
            protonCharge: index < recorded.protonCharges.count ? recorded.protonCharges[index] : nil,
            into: &session.builder)
        try sendMessage(session.builder, time, producer)
        for part in pulse.parts {
            let bank = recorded.banks[part.bank]
            var rest = bank.events(ofPulse: part.pulse)
            repeat {
                let events = rest.prefix(Self.eventsPerMessageMaximum)
                try bank.withEvents(events) { pixels, times in
                    EV44.encode(
                        sourceName: bank.sourceName, messageID: session.messages[part.bank], referenceTime: [time],
                        referenceTimeIndex: [0], timeOfFlight: times, pixelID: pixels, into: &session.builder)
                }
                try sendMessage(session.builder, time, producer)
                session.messages[part.bank] += 1
                session.progress.events += events.count
                rest = rest.dropFirst(events.count)
            } while !rest.isEmpty
        }
        session.progress.pulses += 1
        session.pulse = session.merge.next()
    }

    private func sendMessage(
        _ builder: borrowing FlatBufferBuilder, _ time: Int64, _ producer: any StreamProducer
    ) throws(EventSourceError) {
        let topic = instrument + "_events"
        do throws(StreamError) {
            try builder.withBytes { (bytes) throws(StreamError) in
                try producer.send(
                    topic: topic, partition: 0, key: nil, value: bytes, headers: [],
                    timestampMilliseconds: Self.milliseconds(time), delivered: nil)
            }
        } catch {
            throw .stream(error)
        }
    }

    private static func milliseconds(_ nanoseconds: Int64) -> Int64 { max(0, nanoseconds / 1_000_000) }

    // MARK: - Start and stop

    private struct Identity {
        let job: String
        let runNumber: Int
        let filename: String
        /// When the recorded run began.
        let startMilliseconds: Int64
        /// From when on data are sent: logs reach back before the run, and a writer keeps all of an announced run.
        let announcedMilliseconds: Int64
        let durationSeconds: Double
    }

    /// What turns recorded times into those of the messages.
    private func shift(duration: Int64) -> Int64 {
        guard configuration.times == .shifted else { return 0 }
        let sending: Double
        switch configuration.speed {
        case .recorded: sending = Double(duration)
        case .times(let factor): sending = Double(duration) / factor
        case .asFastAsPossible: sending = 0
        }
        let backdated = max(0, duration - Int64(min(sending, 9e18)))
        return clock.wallNanoseconds - backdated - recorded.startNanoseconds
    }

    private func identity(shift: Int64, firstNanoseconds: Int64, durationNanoseconds: Int64) -> Identity {
        let now = clock.wallMilliseconds
        let number = configuration.runNumber ?? recorded.runNumber ?? Int(now / 1000)
        let start = Self.milliseconds(recorded.startNanoseconds + shift)
        return Identity(
            job: UUID.random().description, runNumber: number,
            filename: configuration.filename ?? "\(instrument)_replay_\(number)_\(now).nxs", startMilliseconds: start,
            announcedMilliseconds: Self.milliseconds(firstNanoseconds + shift),
            durationSeconds: Double(durationNanoseconds) / 1e9)
    }

    private func announceStart(_ identity: Identity) throws(EventSourceError) {
        let topic = instrument + "_runInfo"
        let map = configuration.detectorSpectrumMap.map { map in
            // Readers compare n_spectra with the number of entries, not with that of different spectra.
            DF12.Owned(spectrum: map.spectra, detectorID: map.detectors, nSpectra: Int32(map.detectors.count))
        }
        var metadata = JSONWriter()
        metadata.object { json in
            json.field("title", recorded.title)
            json.field("replay_of", configuration.path)
        }
        try announce(
            PL72.encoded(
                startTime: UInt64(identity.announcedMilliseconds), runName: String(identity.runNumber),
                instrumentName: instrument, nexusStructure: try structure(identity), jobID: identity.job, broker: "",
                serviceID: "", filename: identity.filename, nPeriods: recorded.periodCount, detectorSpectrumMap: map,
                metadata: metadata.text, controlTopic: configuration.controlTopic ?? topic))
    }

    private func announceStop(_ identity: Identity, _ stopMilliseconds: Int64) throws(EventSourceError) {
        try announce(
            RunStop6S4T.encoded(
                stopTime: UInt64(stopMilliseconds), runName: String(identity.runNumber), jobID: identity.job,
                serviceID: "", commandID: UUID.random().description))
    }

    private func announce(_ message: [UInt8]) throws(EventSourceError) {
        let topic = instrument + "_runInfo"
        let now = clock.wallMilliseconds
        try attempt { () throws(StreamError) in
            let producer = try streams.makeProducer(
                ProducerOptions(acknowledgement: .durable, lingerMilliseconds: 0))
            defer { producer.close() }
            try producer.send(topic: topic, value: message, timestampMilliseconds: now)
            try producer.flush(timeoutMilliseconds: Self.flushMilliseconds)
        }
    }

    private func structure(_ identity: Identity) throws(EventSourceError) -> String {
        let values = [
            "instrument": instrument, "run_number": String(identity.runNumber), "title": recorded.title,
            "start_time": CivilTime.iso(milliseconds: UInt64(identity.startMilliseconds)) ?? "",
            "duration": String(identity.durationSeconds), "filename": identity.filename,
        ]
        let events = recorded.banks.enumerated().map { index, bank in
            ["source": bank.sourceName, "detector": "detector_\(index + 1)"]
        }
        let logs = recorded.logs.map { ["log": $0.name, "type": $0.values.typeName, "units": $0.units] }
        do throws(StructureTemplate.Failure) {
            return try StructureTemplate(configuration.structureTemplate)
                .filled(values, lists: ["events": events, "log": logs])
        } catch {
            throw .invalidConfiguration("structure template: \(error)")
        }
    }

    private func attempt<R>(_ body: () throws(StreamError) -> R) throws(EventSourceError) -> R {
        do throws(StreamError) {
            return try body()
        } catch {
            throw .stream(error)
        }
    }
}
