import Bytes
import Schemas
import Streams

/// Run starts and stops as messages on `<INSTRUMENT>_runInfo`, without any state of their own: for commands against any
/// broker, and beneath `RunController`.
public enum RunMessages {
    /// What a start tells beside the run's identity.
    public struct Details: Sendable {
        /// What the file shall hold: JSON.
        public var structure: String
        /// Measurement periods, at least 1.
        public var periodCount: UInt32
        /// Which spectrum each detector counts into; `nSpectra` must be the number of entries (Mantid insists).
        public var detectorSpectrumMap: DF12.Owned?
        /// Further facts as JSON; `{}` when there are none.
        public var metadata: String
        /// Where the writer of the file reads further commands and answers; nil means the run topic itself.
        public var controlTopic: String?

        /// Details of a run.
        public init(
            structure: String, periodCount: UInt32 = 1, detectorSpectrumMap: DF12.Owned? = nil,
            metadata: String = "{}", controlTopic: String? = nil
        ) {
            self.structure = structure
            self.periodCount = periodCount
            self.detectorSpectrumMap = detectorSpectrumMap
            self.metadata = metadata
            self.controlTopic = controlTopic
        }
    }

    /// A template's NeXus structure for one run, JSON.
    ///
    /// Its places are `{instrument}`, `{run_number}`, `{title}`, `{start_time}` (ISO 8601) and `{filename}`; its list `pv`
    /// has one item for each process variable, with `{pv}` and `{pv_name}` (what follows the last colon).
    /// - Throws: `template`, with the line.
    public static func structure(
        of run: RunIdentity, template: StructureTemplate, processVariables: [String]
    ) throws(RunControlError) -> String {
        let values = [
            "instrument": run.instrument, "run_number": String(run.runNumber), "title": run.title,
            "start_time": CivilTime.iso(milliseconds: UInt64(max(0, run.startTimeMilliseconds))) ?? "",
            "filename": run.filename,
        ]
        do throws(StructureTemplate.Failure) {
            return try template.filled(values, lists: ["pv": logNames(processVariables)])
        } catch {
            throw .template(error.description)
        }
    }

    /// Each variable with a name for its log: what follows the last colon, or the whole name where two would be equal.
    private static func logNames(_ variables: [String]) -> [[String: String]] {
        let short = variables.map { $0.split(separator: ":").last.map(String.init) ?? $0 }
        let uses = Dictionary(short.map { ($0, 1) }, uniquingKeysWith: +)
        return zip(variables, short).map { variable, name in
            ["pv": variable, "pv_name": uses[name] == 1 ? name : variable.replacing(":", with: "_")]
        }
    }

    /// What a run start tells beside the fixed fields: instrument, number and title, JSON.
    public static func metadata(of run: RunIdentity) -> String {
        var json = JSONWriter()
        json.object { json in
            json.field("instrument", run.instrument)
            json.field("run_number", Int64(run.runNumber))
            json.field("title", run.title)
        }
        return json.text
    }

    /// How long a message may take to be delivered.
    public static let deliveryMillisecondsMaximum = 10_000

    /// Announces a run (pl72); returns when the announcement is safe.
    public static func start(
        _ run: RunIdentity, _ details: Details, streams: any Streams, nowMilliseconds: Int64
    ) throws(RunControlError) {
        let topic = RunIdentity.topic(run.instrument)
        let message = PL72.encoded(
            startTime: UInt64(max(0, run.startTimeMilliseconds)), runName: String(run.runNumber),
            instrumentName: run.instrument, nexusStructure: details.structure, jobID: run.jobID.description,
            broker: "", serviceID: "", filename: run.filename, nPeriods: max(1, details.periodCount),
            detectorSpectrumMap: details.detectorSpectrumMap, metadata: details.metadata,
            controlTopic: details.controlTopic ?? topic)
        try send(message, topic, streams, nowMilliseconds)
    }

    /// Announces the end of a run (6s4t); returns when the announcement is safe.
    public static func stop(
        _ run: RunIdentity, stopTimeMilliseconds: Int64, streams: any Streams, nowMilliseconds: Int64
    ) throws(RunControlError) {
        let message = RunStop6S4T.encoded(
            stopTime: UInt64(max(0, stopTimeMilliseconds)), runName: String(run.runNumber),
            jobID: run.jobID.description, serviceID: "", commandID: UUID.random().description)
        try send(message, RunIdentity.topic(run.instrument), streams, nowMilliseconds)
    }

    private static func send(
        _ message: [UInt8], _ topic: String, _ streams: any Streams, _ nowMilliseconds: Int64
    ) throws(RunControlError) {
        do throws(StreamError) {
            try streams.ensureTopic(TopicSpecification(topic))
            let producer = try streams.makeProducer(ProducerOptions(acknowledgement: .durable, lingerMilliseconds: 0))
            defer { producer.close() }
            try producer.send(topic: topic, value: message, timestampMilliseconds: nowMilliseconds)
            try producer.flush(timeoutMilliseconds: deliveryMillisecondsMaximum)
        } catch {
            throw .stream(error)
        }
    }

    /// Messages at the end of the topic that are looked through for the newest start or stop.
    public static let lookBackMessagesMaximum: Int64 = 10_000

    /// What the newest start in an instrument's topic says: the run is active unless its stop follows.
    ///
    /// The topic carries other messages too (answers of writers); the last `lookBackMessagesMaximum` are read.
    public static func status(instrument: String, streams: any Streams) throws(RunControlError) -> RunStatus {
        var finder = RunFinder(instrument: instrument)
        do throws(StreamError) {
            let partition = TopicPartition(RunIdentity.topic(instrument), 0)
            guard try streams.topic(partition.topic) != nil else {
                throw StreamError(.unknownTopic, "topic \(partition.topic) does not exist")
            }
            let marks = try streams.watermarks(partition)
            guard marks.high > marks.low else { return finder.status }
            let start = max(marks.low, marks.high - lookBackMessagesMaximum)
            let reader = try streams.makeReader([ReaderAssignment(partition, from: .offset(start))])
            defer { reader.close() }
            while reader.position(0) < marks.high {
                let count = try reader.read(waitMilliseconds: 1000) { record in
                    if let value = record.value { finder.see(value) }
                }
                // Transaction markers take offsets without being handed out: silence means the end.
                if count == 0 { break }
            }
        } catch {
            throw .stream(error)
        }
        return finder.status
    }
}

/// Follows the messages of a run topic to the run that is active at the end.
private struct RunFinder {
    let instrument: String
    private(set) var status = RunStatus(isRunning: false, run: nil, stopTimeMilliseconds: nil)

    init(instrument: String) { self.instrument = instrument }

    mutating func see(_ bytes: UnsafeRawBufferPointer) {
        switch SchemaIdentifier.of(bytes) {
        case PL72.identifier:
            // The same start is repeated by a writer that takes the job: it changes nothing.
            guard let start = try? PL72(bytes), let run = identity(start) else { return }
            if status.run?.jobID == run.jobID { return }
            let stop = start.stopTime > 0 ? Int64(clamping: start.stopTime) : nil
            status = RunStatus(isRunning: stop == nil, run: run, stopTimeMilliseconds: stop)
        case RunStop6S4T.identifier:
            guard let stop = try? RunStop6S4T(bytes), let run = status.run,
                stop.jobID.flatMap({ UUID($0) }) == run.jobID
            else { return }
            status = RunStatus(isRunning: false, run: run, stopTimeMilliseconds: Int64(clamping: stop.stopTime))
        default: return
        }
    }

    private func identity(_ start: PL72) -> RunIdentity? {
        guard let job = start.jobID.flatMap({ UUID($0) }) else { return nil }
        // Other senders put the instrument's name before the number.
        let digits = (start.runName ?? "").utf8.reversed().prefix { (0x30...0x39).contains($0) }
        let number = Int(String(decoding: digits.reversed(), as: UTF8.self)) ?? 0
        return RunIdentity(
            instrument: instrument, runNumber: min(max(number, 1), RunIdentity.runNumbers.upperBound), jobID: job,
            title: "", filename: start.filename ?? "", startTimeMilliseconds: Int64(clamping: start.startTime))
    }
}
