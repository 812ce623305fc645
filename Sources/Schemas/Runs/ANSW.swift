import FlatBuffers

/// A file writer's answer to a command (`answ_action_response.fbs`).
public struct ANSW: SchemaView {
    public static let identifier = "answ"

    public static let definition = SchemaDefinition(
        identifier, "a file writer's answer to a command", file: "answ_action_response.fbs", topics: ["_runInfo"],
        root: TableDefinition(
            "ActionResponse",
            [
                .required(0, "service_id", .string, "the writer that answers"),
                .required(1, "job_id", .string, "the write job"),
                .field(
                    2, "action", .enumeration(EnumerationDefinition("ActionType", .int8, ActionType.self)),
                    "which command is answered"),
                .field(
                    3, "outcome", .enumeration(EnumerationDefinition("ActionOutcome", .int8, ActionOutcome.self)),
                    "whether it was obeyed"),
                .field(4, "status_code", .number(.int32), "the outcome as an HTTP status: 201, 400, 500"),
                .field(5, "stop_time", .number(.uint64, time: .milliseconds), "ms since 1970, when the job is to end"),
                .field(6, "message", .string, "the reason, for people"),
                .field(7, "command_id", .string, "the command's identifier"),
            ]),
        example: #"""
            {"service_id": "writer", "job_id": "0b7d8a44-7c2f-4b5e-9f3e-3f6f0f6d2a11", "action": "StartJob",
             "outcome": "Success", "status_code": 201, "message": "started"}
            """#)

    /// Which command is answered.
    public enum ActionType: Int8, SchemaEnumeration {
        case startJob = 0
        case setStopTime = 1

        public static let words = ["StartJob", "SetStopTime"]
    }

    /// Whether it was obeyed.
    public enum ActionOutcome: Int8, SchemaEnumeration {
        case success = 0
        case failure = 1

        public static let words = ["Success", "Failure"]
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

    public var summary: String {
        "\(serviceID) \(action.word) \(outcome.word) \(statusCode) job \(jobID)\(message.map { ": " + $0 } ?? "")"
    }
}
