import FlatBuffers

/// A file writer's answer to a command (`answ_action_response.fbs`).
public struct ANSW: SchemaView {
    public static let identifier = "answ"

    /// Which command is answered.
    public enum ActionType: Int8, SchemaEnumeration {
        case startJob = 0
        case setStopTime = 1

        public var word: String {
            switch self {
            case .startJob: "StartJob"
            case .setStopTime: "SetStopTime"
            }
        }
    }

    /// Whether it was obeyed.
    public enum ActionOutcome: Int8, SchemaEnumeration {
        case success = 0
        case failure = 1

        public var word: String {
            switch self {
            case .success: "Success"
            case .failure: "Failure"
            }
        }
    }

    /// Which command is answered.
    public let action: ActionType
    /// Whether it was obeyed.
    public let outcome: ActionOutcome
    /// The outcome as an HTTP status, such as 201 or 400.
    public let statusCode: Int32
    /// When the job is to end: milliseconds since the Unix epoch.
    public let stopTime: UInt64
    private let serviceIDBytes: FlatVector<UInt8>
    private let jobIDBytes: FlatVector<UInt8>
    private let messageBytes: FlatVector<UInt8>?
    private let commandIDBytes: FlatVector<UInt8>?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        serviceIDBytes = try table.requiredString(0, "service_id")
        jobIDBytes = try table.requiredString(1, "job_id")
        action = try table.enumeration(2, "action", default: .startJob)
        outcome = try table.enumeration(3, "outcome", default: .success)
        statusCode = try table.scalar(4, "status_code", default: 0)
        stopTime = try table.scalar(5, "stop_time", default: 0)
        messageBytes = try table.string(6, "message")
        commandIDBytes = try table.string(7, "command_id")
    }

    /// The writer that answers.
    public var serviceID: String { serviceIDBytes.text }
    /// The write job.
    public var jobID: String { jobIDBytes.text }
    /// The reason, for people; nil if absent.
    public var message: String? { messageBytes?.text }
    /// The command's identifier; nil if absent.
    public var commandID: String? { commandIDBytes?.text }

    /// Writes a message into `builder`, which is reset first; nil fields are left out.
    public static func encode(
        serviceID: String, jobID: String, action: ActionType, outcome: ActionOutcome, statusCode: Int32,
        stopTime: UInt64, message: String?, commandID: String?, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let command: FlatOffset? = builder.string(commandID)
        let text: FlatOffset? = builder.string(message)
        let job: FlatOffset = builder.string(jobID)
        let service: FlatOffset = builder.string(serviceID)
        builder.startTable(slots: 8)
        builder.add(5, stopTime)
        builder.add(0, service)
        builder.add(1, job)
        builder.add(4, statusCode)
        builder.add(6, ifPresent: text)
        builder.add(7, ifPresent: command)
        builder.add(2, action.rawValue)
        builder.add(3, outcome.rawValue)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    /// An encoded message; nil fields are left out.
    public static func encoded(
        serviceID: String, jobID: String, action: ActionType, outcome: ActionOutcome, statusCode: Int32,
        stopTime: UInt64, message: String?, commandID: String?
    ) -> [UInt8] {
        var builder = FlatBufferBuilder()
        encode(
            serviceID: serviceID, jobID: jobID, action: action, outcome: outcome, statusCode: statusCode,
            stopTime: stopTime, message: message, commandID: commandID, into: &builder)
        return builder.array
    }

    public func writeFields(to json: inout JSONWriter) {
        json.field("service_id", serviceID)
        json.field("job_id", jobID)
        json.field("action", action.word)
        json.field("outcome", outcome.word)
        json.field("status_code", statusCode)
        json.field("stop_time", milliseconds: stopTime)
        json.field("message", ifPresent: message)
        json.field("command_id", ifPresent: commandID)
    }

    public var summary: String {
        "\(serviceID) \(action.word) \(outcome.word) \(statusCode) job \(jobID)\(message.map { ": " + $0 } ?? "")"
    }
}
