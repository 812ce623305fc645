/// How the file writer works.
public struct WriterConfiguration: Sendable {
    /// The topics on which runs are started and stopped; nil serves every topic that ends in `_runInfo`, also later ones.
    public var commandTopics: [String]?
    /// Where files go; must exist.
    public var outputDirectory: String
    /// `host:port` that the jobs' processes connect to.
    public var broker: String
    /// Where replies and status go instead of the run's control topic; `{instrument}` stands for the command topic's
    /// name up to its last underscore. The only place that gets a status while nothing is written: on a run topic it would
    /// disturb readers that look at its last messages.
    public var statusTopic: String?
    /// How far before a run's start its topics are read.
    public var beforeStartMilliseconds: Int64 = 5000
    /// How long after a run's end its records may still come.
    public var afterStopMilliseconds: Int64 = 1000
    /// How often a file begun is made durable.
    public var flushIntervalMilliseconds: Int64 = 5000
    /// How often the status is sent.
    public var statusIntervalMilliseconds = 2000
    /// The service's name in replies.
    public var serviceName = "sluice"
    /// The program's version in the status; empty when it is not told.
    public var softwareVersion = ""
    /// Most jobs at a time; further run starts are rejected.
    public var jobsMax = 8
    /// Most records of each command topic that are looked at for a run that began before the service.
    public var commandRecordsMax: Int64 = 1000

    /// A configuration with the defaults.
    public init(outputDirectory: String, broker: String) {
        self.outputDirectory = outputDirectory
        self.broker = broker
    }
}
