import Bytes
import Observability
import Schemas
import Streams
import Synchronization
import System

/// Starts and stops the runs of one instrument, and remembers across restarts which run it is.
///
/// The state is written before a start is announced and after a stop is: whenever the process dies, the next one finds
/// the run that may be active, can stop it, and never gives its number again. May be used from any thread; one call
/// at a time does its work.
public final class RunController: Sendable {
    /// What a run is to be called, and what its file shall hold.
    public struct Request: Sendable {
        /// The measurement's title.
        public var title: String
        /// The run's number; nil takes the next one.
        public var runNumber: Int?
        /// Which spectrum each detector counts into.
        public var detectorSpectrumMap: DF12.Owned?
        /// When the run begins, in ms since the Unix epoch; nil means now.
        public var startTimeMilliseconds: Int64?
        /// Measurement periods.
        public var periodCount: UInt32
        /// Names of the process variables whose logs belong into the file (the list `pv` of the template).
        public var processVariables: [String]

        /// A request with the usual rest.
        public init(
            title: String, runNumber: Int? = nil, detectorSpectrumMap: DF12.Owned? = nil,
            startTimeMilliseconds: Int64? = nil, periodCount: UInt32 = 1, processVariables: [String] = []
        ) {
            self.title = title
            self.runNumber = runNumber
            self.detectorSpectrumMap = detectorSpectrumMap
            self.startTimeMilliseconds = startTimeMilliseconds
            self.periodCount = periodCount
            self.processVariables = processVariables
        }
    }

    /// The instrument's name.
    public let instrument: String
    private let streams: any Streams
    private let template: StructureTemplate
    private let controlTopic: String?
    private let clock: any Clock
    private let state: Mutex<RunStatus>
    private let file: @Sendable (RunStatus) throws(RunControlError) -> Void
    private let running: Gauge
    private let started: Counter
    private let log = Log("run")

    /// Longest title, in bytes of UTF-8.
    public static let titleBytesMaximum = 4096

    /// A controller whose state is in `directory`/`instrument`.toml; a run that was active there still is.
    ///
    /// - Parameters:
    ///   - template: the text of the NeXus structure, see `StructureTemplate`; its places are `{instrument}`,
    ///     `{run_number}`, `{title}`, `{start_time}` (ISO 8601) and `{filename}`, its list `pv`.
    ///   - controlTopic: where file writers answer; nil means `<INSTRUMENT>_runInfo`.
    /// - Throws: `damagedState` when the file is there and does not make sense.
    public init(
        streams: any Streams, instrument: String, directory: String, template: String, metrics: Metrics,
        controlTopic: String? = nil, clock: any Clock = SystemClock(),
        fileSystem: any FileSystem = LocalFileSystem()
    ) throws(RunControlError) {
        try Self.validate(instrument: instrument)
        self.streams = streams
        self.instrument = instrument
        self.template = StructureTemplate(template)
        self.controlTopic = controlTopic
        self.clock = clock
        let stateFile = RunStateFile(instrument: instrument, directory: directory, fileSystem: fileSystem)
        file = { (status) throws(RunControlError) in try stateFile.save(status) }
        let loaded = try stateFile.load() ?? RunStatus(isRunning: false, run: nil, stopTimeMilliseconds: nil)
        state = Mutex(loaded)
        let labels = ["instrument": instrument]
        running = metrics.gauge("sluice_run_active", "1 while a run is active", labels)
        started = metrics.counter("sluice_run_starts_total", "Runs started", labels)
        running.set(loaded.isRunning ? 1 : 0)
        if loaded.isRunning, let run = loaded.run {
            log.warning("\(instrument): run \(run.runNumber) is still active from before the restart")
        }
    }

    /// The active run, or the last one.
    public func status() -> RunStatus { state.withLock { $0 } }

    /// Starts a run: returns when its announcement is safe.
    ///
    /// - Throws: `alreadyRunning`; `invalidArgument`; `template`; `stream` when the announcement failed, after which the
    ///   number counts as used, because it may have got through.
    @discardableResult
    public func start(_ request: Request) throws(RunControlError) -> RunIdentity {
        try state.withLock { (status) throws(RunControlError) in
            if status.isRunning, let run = status.run {
                throw .alreadyRunning(instrument: instrument, runNumber: run.runNumber)
            }
            let now = clock.wallMilliseconds
            let run = try identity(request, last: status.run?.runNumber ?? 0, now: now)
            let details = RunMessages.Details(
                structure: try RunMessages.structure(
                    of: run, template: template, processVariables: request.processVariables),
                periodCount: request.periodCount,
                detectorSpectrumMap: request.detectorSpectrumMap, metadata: RunMessages.metadata(of: run),
                controlTopic: controlTopic)
            let active = RunStatus(isRunning: true, run: run, stopTimeMilliseconds: nil)
            try file(active)
            do throws(RunControlError) {
                try RunMessages.start(run, details, streams: streams, nowMilliseconds: now)
            } catch {
                status = RunStatus(isRunning: false, run: run, stopTimeMilliseconds: now)
                try? file(status)
                throw error
            }
            status = active
            running.set(1)
            started.add()
            log.info("\(instrument): run \(run.runNumber) started, file \(run.filename), job \(run.jobID)")
            return run
        }
    }

    /// Stops the active run: returns when its end is announced safely. After a failure the run is still active.
    ///
    /// - Parameter stopTimeMilliseconds: data after this moment do not belong to the run; nil means now.
    /// - Throws: `notRunning`; `invalidArgument` for an end before the start; `stream`; `system`.
    @discardableResult
    public func stop(stopTimeMilliseconds: Int64? = nil) throws(RunControlError) -> RunIdentity {
        try state.withLock { (status) throws(RunControlError) in
            guard status.isRunning, let run = status.run else { throw .notRunning(instrument: instrument) }
            let now = clock.wallMilliseconds
            let stop = stopTimeMilliseconds ?? now
            guard stop >= run.startTimeMilliseconds else {
                throw .invalidArgument("a run cannot end before it began (\(run.startTimeMilliseconds) ms)")
            }
            try RunMessages.stop(run, stopTimeMilliseconds: stop, streams: streams, nowMilliseconds: now)
            status = RunStatus(isRunning: false, run: run, stopTimeMilliseconds: stop)
            running.set(0)
            log.info("\(instrument): run \(run.runNumber) stopped")
            try file(status)
            return run
        }
    }

    private func identity(_ request: Request, last: Int, now: Int64) throws(RunControlError) -> RunIdentity {
        let number = request.runNumber ?? last + 1
        guard RunIdentity.runNumbers.contains(number) else {
            throw .invalidArgument("run number \(number) is not within 1...99999999")
        }
        guard request.title.utf8.count <= Self.titleBytesMaximum else {
            throw .invalidArgument("the title is longer than \(Self.titleBytesMaximum) bytes")
        }
        let start = request.startTimeMilliseconds ?? now
        guard start >= 0 else { throw .invalidArgument("a run cannot begin before 1970") }
        if let map = request.detectorSpectrumMap, map.spectrum.count != map.detectorID.count {
            throw .invalidArgument("the detector-spectrum map has unequal columns")
        }
        return RunIdentity(
            instrument: instrument, runNumber: number, jobID: .random(), title: request.title,
            startTimeMilliseconds: start)
    }

    private static func validate(instrument: String) throws(RunControlError) {
        let allowed = instrument.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard allowed && (1...100).contains(instrument.utf8.count) else {
            throw .invalidArgument("instrument name '\(instrument)': 1 to 100 letters, digits, '_' and '-' are allowed")
        }
    }
}
