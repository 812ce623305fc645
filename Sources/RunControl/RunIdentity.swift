import Bytes

/// What a run is known by.
public struct RunIdentity: Sendable, Equatable {
    /// The instrument's name.
    public let instrument: String
    /// The run's number, 1...99999999; it never comes twice on an instrument.
    public let runNumber: Int
    /// The id of the run's write job, which start and stop share.
    public let jobID: UUID
    /// What the user calls the measurement.
    public let title: String
    /// The name of the NeXus file.
    public let filename: String
    /// When the run began, in ms since the Unix epoch.
    public let startTimeMilliseconds: Int64

    /// The identity of a run; the file is called after the instrument and the number in eight digits.
    public init(
        instrument: String, runNumber: Int, jobID: UUID, title: String, startTimeMilliseconds: Int64
    ) {
        precondition(Self.runNumbers.contains(runNumber))
        self.instrument = instrument
        self.runNumber = runNumber
        self.jobID = jobID
        self.title = title
        self.startTimeMilliseconds = startTimeMilliseconds
        let digits = String(runNumber)
        filename = instrument + String(repeating: "0", count: 8 - digits.utf8.count) + digits + ".nxs"
    }

    /// The identity of a run that somebody else started, under the file name that they chose.
    init(
        instrument: String, runNumber: Int, jobID: UUID, title: String, filename: String, startTimeMilliseconds: Int64
    ) {
        self.instrument = instrument
        self.runNumber = runNumber
        self.jobID = jobID
        self.title = title
        self.filename = filename
        self.startTimeMilliseconds = startTimeMilliseconds
    }

    /// The run numbers that a file name has room for.
    public static let runNumbers = 1...99_999_999

    /// The topic of run starts and stops of an instrument.
    public static func topic(_ instrument: String) -> String { instrument + "_runInfo" }
}

/// What is known of an instrument's runs.
public struct RunStatus: Sendable, Equatable {
    /// Whether a run is active.
    public let isRunning: Bool
    /// The active run, or the last one; nil before the first.
    public let run: RunIdentity?
    /// When the last run ended, in ms since the Unix epoch; nil while one is active, or when it is not known.
    public let stopTimeMilliseconds: Int64?

    /// A status.
    public init(isRunning: Bool, run: RunIdentity?, stopTimeMilliseconds: Int64?) {
        self.isRunning = isRunning
        self.run = run
        self.stopTimeMilliseconds = stopTimeMilliseconds
    }
}
