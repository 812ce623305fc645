import Schemas

/// Everything that a write job needs to know; handed to the job's process as a JSON file.
public struct JobDescription: Sendable, Equatable {
    /// The job's identifier out of the run start.
    public var jobID: String
    /// `host:port` of the broker, for a process of its own.
    public var broker: String
    /// The directory that files go to; must exist.
    public var outputDirectory: String
    /// The file's name or relative path, as it was asked for.
    public var filename: String
    /// The NeXus structure, JSON.
    public var nexusStructure: String
    /// When the run began, ms since the epoch.
    public var startMilliseconds: Int64
    /// When it ended, ms since the epoch; nil while that is not known.
    public var stopMilliseconds: Int64?
    /// The topics on which a run stop may come.
    public var controlTopics: [String]
    /// The run's name, which a run stop without job id may name; may be empty.
    public var runName: String
    /// How far before the start the topics are read, by the records' times: for sources whose records come late, and
    /// for the values that hold at the start.
    public var beforeStartMilliseconds: Int64 = 5000
    /// How long after the stop records of the run may still come.
    public var afterStopMilliseconds: Int64 = 1000
    /// How often the file begun is made durable.
    public var flushIntervalMilliseconds: Int64 = 5000
    /// Which attempt this is, from 1.
    public var attempt = 1

    /// A job with default times.
    public init(
        jobID: String, broker: String, outputDirectory: String, filename: String, nexusStructure: String,
        startMilliseconds: Int64, stopMilliseconds: Int64? = nil, controlTopics: [String], runName: String = ""
    ) {
        self.jobID = jobID
        self.broker = broker
        self.outputDirectory = outputDirectory
        self.filename = filename
        self.nexusStructure = nexusStructure
        self.startMilliseconds = startMilliseconds
        self.stopMilliseconds = stopMilliseconds
        self.controlTopics = controlTopics
        self.runName = runName
    }

    /// The description as JSON.
    public var json: String {
        var json = JSONWriter()
        json.object { json in
            json.field("job_id", jobID)
            json.field("broker", broker)
            json.field("output_directory", outputDirectory)
            json.field("filename", filename)
            json.field("start_ms", startMilliseconds)
            json.field("stop_ms", ifPresent: stopMilliseconds)
            json.key("control_topics")
            json.array { json in for topic in controlTopics { json.value(topic) } }
            json.field("run_name", runName)
            json.field("before_start_ms", beforeStartMilliseconds)
            json.field("after_stop_ms", afterStopMilliseconds)
            json.field("flush_interval_ms", flushIntervalMilliseconds)
            json.field("attempt", Int64(attempt))
            json.field("nexus_structure", nexusStructure)
        }
        return json.text
    }

    /// Parses what `json` wrote; throws `rejected` with the missing key.
    public init(json: String) throws(FileWriterError) {
        let node: JSONNode
        do {
            node = try JSONParser.parse(json)
        } catch {
            throw FileWriterError(.rejected, "the job description is \(error)")
        }
        func text(_ key: String) throws(FileWriterError) -> String {
            guard let value = node[key]?.text else {
                throw FileWriterError(.rejected, "the job description has no text \"\(key)\"")
            }
            return value
        }
        func number(_ key: String) throws(FileWriterError) -> Int64 {
            guard let value = node[key]?.integer else {
                throw FileWriterError(.rejected, "the job description has no number \"\(key)\"")
            }
            return value
        }
        self.init(
            jobID: try text("job_id"), broker: try text("broker"), outputDirectory: try text("output_directory"),
            filename: try text("filename"), nexusStructure: try text("nexus_structure"),
            startMilliseconds: try number("start_ms"), stopMilliseconds: node["stop_ms"]?.integer,
            controlTopics: (node["control_topics"]?.list ?? []).compactMap(\.text), runName: try text("run_name"))
        beforeStartMilliseconds = try number("before_start_ms")
        afterStopMilliseconds = try number("after_stop_ms")
        flushIntervalMilliseconds = try number("flush_interval_ms")
        attempt = Int(clamping: try number("attempt"))
    }
}
