/// What the service knows of a job, for people and programs.
public struct JobStatus: Sendable, Equatable {
    /// Where a job stands.
    public enum State: String, Sendable {
        /// Launched, no file yet.
        case starting
        /// The file is being written.
        case writing
        /// The file is complete.
        case finished
        /// There is no complete file.
        case failed
    }

    /// The job's identifier.
    public internal(set) var jobID: String
    /// The run's name.
    public internal(set) var runName: String
    /// The instrument's name.
    public internal(set) var instrument: String
    /// Where it stands.
    public internal(set) var state = State.starting
    /// The file's full name, also before it is complete.
    public internal(set) var file: String
    /// What was done so far.
    public internal(set) var counts = JobCounts()
    /// When the run began, ms since the epoch.
    public internal(set) var startMilliseconds: Int64
    /// When it ended; nil while that is not known.
    public internal(set) var stopMilliseconds: Int64?
    /// What is missing in the file.
    public internal(set) var problems: [String] = []
    /// Remarks for people, such as why it failed.
    public internal(set) var message = ""
}
