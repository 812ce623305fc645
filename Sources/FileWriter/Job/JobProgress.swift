import Schemas

/// What a job has done so far.
public struct JobCounts: Sendable, Equatable {
    /// Records read, also those outside of the run.
    public var messages: Int64 = 0
    /// Neutron events written.
    public var events: Int64 = 0
    /// Records that no schema of the structure could read.
    public var malformed: Int64 = 0
    /// Bytes of the file.
    public var bytes: Int64 = 0
    /// The latest time of a record, ms since the epoch; 0 before the first.
    public var lastMilliseconds: Int64 = 0

    /// Nothing done.
    public init() {}
}

/// One step of a job, told by its process to the service as a line of JSON.
public enum JobProgress: Sendable, Equatable {
    /// The file is begun; with what of the structure could not be used.
    case started(file: String, problems: [String])
    /// The job goes on.
    case writing(JobCounts)
    /// The file is complete at its final name; with what is missing in it.
    case done(file: String, JobCounts, problems: [String])
    /// The job has failed.
    case failed(reason: String, code: Int32, canRetry: Bool)

    /// The line, without its end.
    public var line: String {
        var json = JSONWriter()
        json.object { json in
            switch self {
            case .started(let file, let problems):
                json.field("state", "started")
                json.field("file", file)
                Self.write(problems, &json)
            case .writing(let counts):
                json.field("state", "writing")
                Self.write(counts, &json)
            case .done(let file, let counts, let problems):
                json.field("state", "done")
                json.field("file", file)
                Self.write(counts, &json)
                Self.write(problems, &json)
            case .failed(let reason, let code, let canRetry):
                json.field("state", "failed")
                json.field("reason", reason)
                json.field("code", code)
                json.field("can_retry", canRetry)
            }
        }
        return json.text
    }

    /// The step that a line tells; nil for anything else.
    public init?(line: String) {
        guard let node = try? JSONParser.parse(line), let state = node["state"]?.text else { return nil }
        let problems = (node["problems"]?.list ?? []).compactMap(\.text)
        let file = node["file"]?.text ?? ""
        switch state {
        case "started": self = .started(file: file, problems: problems)
        case "writing": self = .writing(Self.counts(node))
        case "done": self = .done(file: file, Self.counts(node), problems: problems)
        case "failed":
            self = .failed(
                reason: node["reason"]?.text ?? "", code: Int32(clamping: node["code"]?.integer ?? 500),
                canRetry: node["can_retry"] == .bool(true))
        default: return nil
        }
    }

    private static func write(_ problems: [String], _ json: inout JSONWriter) {
        json.key("problems")
        json.array { json in for problem in problems { json.value(problem) } }
    }

    private static func write(_ counts: JobCounts, _ json: inout JSONWriter) {
        json.field("messages", counts.messages)
        json.field("events", counts.events)
        json.field("malformed", counts.malformed)
        json.field("bytes", counts.bytes)
        json.field("last_ms", counts.lastMilliseconds)
    }

    private static func counts(_ node: JSONNode) -> JobCounts {
        var counts = JobCounts()
        counts.messages = node["messages"]?.integer ?? 0
        counts.events = node["events"]?.integer ?? 0
        counts.malformed = node["malformed"]?.integer ?? 0
        counts.bytes = node["bytes"]?.integer ?? 0
        counts.lastMilliseconds = node["last_ms"]?.integer ?? 0
        return counts
    }
}
