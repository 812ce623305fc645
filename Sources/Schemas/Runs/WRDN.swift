import FlatBuffers

/// A file writer's word that a file is finished (`wrdn_finished_writing.fbs`).
public struct WRDN: SchemaView {
    public static let identifier = "wrdn"

    public static let definition = SchemaDefinition(
        identifier, "a file writer's word that a file is finished", file: "wrdn_finished_writing.fbs",
        topics: ["_runInfo"],
        root: TableDefinition(
            "FinishedWriting",
            [
                .required(0, "service_id", .string, "the writer"),
                .required(1, "job_id", .string, "the write job"),
                .field(2, "error_encountered", .bool, "whether the file is incomplete; message says why"),
                .required(3, "file_name", .string, "the finished file"),
                .field(4, "metadata", .string, "further facts, JSON"),
                .field(5, "message", .string, "what went wrong, for people"),
            ]),
        example: #"""
            {"service_id": "writer", "job_id": "0b7d8a44-7c2f-4b5e-9f3e-3f6f0f6d2a11", "error_encountered": false,
             "file_name": "DEMO00001234.nxs"}
            """#)

    /// Whether the file is incomplete; `message` says why.
    public let errorEncountered: Bool
    private let serviceIDBytes: FlatVector<UInt8>
    private let jobIDBytes: FlatVector<UInt8>
    private let fileNameBytes: FlatVector<UInt8>
    private let metadataBytes: FlatVector<UInt8>?
    private let messageBytes: FlatVector<UInt8>?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        serviceIDBytes = try table.requiredString(0, "service_id")
        jobIDBytes = try table.requiredString(1, "job_id")
        errorEncountered = try table.bool(2, "error_encountered")
        fileNameBytes = try table.requiredString(3, "file_name")
        metadataBytes = try table.string(4, "metadata")
        messageBytes = try table.string(5, "message")
    }

    /// The writer.
    public var serviceID: String { serviceIDBytes.text }
    /// The write job.
    public var jobID: String { jobIDBytes.text }
    /// The finished file.
    public var fileName: String { fileNameBytes.text }
    /// Further facts, as JSON; nil if absent.
    public var metadata: String? { metadataBytes?.text }
    /// What went wrong, for people; nil if absent.
    public var message: String? { messageBytes?.text }

    /// Writes a message into `builder`, which is reset first; nil fields are left out.
    public static func encode(
        serviceID: String, jobID: String, errorEncountered: Bool, fileName: String, metadata: String? = nil,
        message: String? = nil, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let text: FlatOffset? = builder.string(message)
        let facts: FlatOffset? = builder.string(metadata)
        let file: FlatOffset = builder.string(fileName)
        let job: FlatOffset = builder.string(jobID)
        let service: FlatOffset = builder.string(serviceID)
        builder.startTable(slots: 6)
        builder.add(0, service)
        builder.add(1, job)
        builder.add(3, file)
        builder.add(4, ifPresent: facts)
        builder.add(5, ifPresent: text)
        builder.add(2, errorEncountered)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    /// An encoded message; nil fields are left out.
    public static func encoded(
        serviceID: String, jobID: String, errorEncountered: Bool, fileName: String, metadata: String? = nil,
        message: String? = nil
    ) -> [UInt8] {
        var builder = FlatBufferBuilder()
        encode(
            serviceID: serviceID, jobID: jobID, errorEncountered: errorEncountered, fileName: fileName,
            metadata: metadata, message: message, into: &builder)
        return builder.array
    }

    public var summary: String {
        "\(serviceID) \(errorEncountered ? "failed" : "finished") \(fileName)\(message.map { ": " + $0 } ?? "")"
    }
}
