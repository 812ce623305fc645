import Schemas

/// How fast a recorded run is sent again.
public enum ReplaySpeed: Sendable, Equatable {
    /// As it was recorded.
    case recorded
    /// So many times faster; below 1 slower.
    case times(Double)
    /// Without waiting.
    case asFastAsPossible
}

/// Which times the messages of a replayed run carry.
public enum ReplayTimes: Sendable, Equatable {
    /// Recorded distances, moved to the present: at recorded speed the run starts now. At a higher speed it ends when
    /// its sending is expected to, so that no record lies in the future of those who read it.
    case shifted
    /// Exactly as they were recorded.
    case original
}

/// What a replay sends, and how.
public struct ReplayConfiguration: Sendable {
    /// The event NeXus file.
    public var path: String
    /// The instrument's name, which begins the names of the topics; nil takes the file's.
    public var instrument: String?
    /// The text of the file structure that the run announces, see `NexusReplay`.
    public var structureTemplate: String
    /// A detector-spectrum table to be announced with the run.
    public var detectorSpectrumMap: DetectorSpectrumMapFile?
    /// How fast.
    public var speed = ReplaySpeed.recorded
    /// With which times.
    public var times = ReplayTimes.shifted
    /// The run's number; nil takes the file's, or the seconds since the epoch when it has none.
    public var runNumber: Int?
    /// The name of the file that the run announces; nil makes one of the instrument, the run and the time.
    public var filename: String?
    /// Where file writers answer; nil means `<INSTRUMENT>_runInfo`.
    public var controlTopic: String?
    /// Whether log values after the last pulse are sent too. They make the run as long as they say.
    public var sendsTrailingLogs = true

    /// A replay of the file at `path` at its recorded speed.
    public init(path: String, structureTemplate: String) {
        self.path = path
        self.structureTemplate = structureTemplate
    }

    func validate() throws(EventSourceError) {
        if case .times(let factor) = speed, !(0.001...1e6).contains(factor) {
            throw .invalidConfiguration("speed: \(factor) is not within 0.001...1000000")
        }
        if let runNumber, !(1...99_999_999).contains(runNumber) {
            throw .invalidConfiguration("run number: \(runNumber) is not within 1...99999999")
        }
    }
}

/// How far a replay is.
public struct ReplayProgress: Sendable, Equatable {
    /// The instrument under whose name the run is sent.
    public var instrument = ""
    /// The id of the run's write job.
    public var jobID = ""
    /// The file that the run announces.
    public var filename = ""
    /// Pulses sent, and in all.
    public var pulses = 0, pulsesTotal = 0
    /// Events sent, and in all.
    public var events = 0, eventsTotal = 0
    /// Log values sent, and in all.
    public var logValues = 0, logValuesTotal = 0
    /// Recorded time since the run's start, and of the whole run, in nanoseconds.
    public var elapsedNanoseconds: Int64 = 0, durationNanoseconds: Int64 = 0
    /// The announced start and, once it is known, the end of the run, in ms since the Unix epoch.
    public var startTimeMilliseconds: Int64 = 0, stopTimeMilliseconds: Int64 = 0
    /// Whether everything has been sent and the run's end announced; false at the end when the replay was stopped.
    public var isComplete = false
    /// What is left out, and why.
    public var notices: [String] = []

    /// Nothing yet.
    public init() {}
}
