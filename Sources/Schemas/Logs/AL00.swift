import FlatBuffers

/// A change of a process variable's alarm state (`al00_alarm.fbs`).
public struct AL00: SchemaView {
    public static let identifier = "al00"

    public static let definition = SchemaDefinition(
        identifier, "a change of a process variable's alarm", file: "al00_alarm.fbs",
        topics: ["_sampleEnv", "_alarms"],
        root: TableDefinition(
            "Alarm",
            [
                .field(0, "source_name", .string, "the process variable"),
                .field(1, "timestamp", .number(.int64, time: .nanoseconds), "ns since 1970, when it changed"),
                .field(
                    2, "severity", .enumeration(EnumerationDefinition("Severity", .int16, Severity.self)),
                    "how bad it is"),
                .field(3, "message", .string, "the alarm's text, such as HIHI"),
            ]),
        example: #"""
            {"source_name": "IN:DEMO:TEMP", "timestamp_iso": "2026-11-20T12:00:00Z", "severity": "MAJOR",
             "message": "HIHI"}
            """#)

    /// How bad the alarm is, as EPICS counts.
    public enum Severity: Int16, SchemaEnumeration {
        case ok = 0
        case minor = 1
        case major = 2
        case invalid = 3

        public static let words = ["OK", "MINOR", "MAJOR", "INVALID"]
    }

    /// UTF-8 bytes of `sourceName`; nil if absent.
    public let sourceNameBytes: FlatVector<UInt8>?
    /// When the state changed: nanoseconds since the Unix epoch.
    public let timestamp: Int64
    /// The new severity.
    public let severity: Severity
    private let messageBytes: FlatVector<UInt8>?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        sourceNameBytes = try table.string(0, "source_name")
        timestamp = try table.scalar(1, "timestamp", default: 0)
        severity = try table.enumeration(2, "severity", default: .ok)
        messageBytes = try table.string(3, "message")
    }

    /// The process variable; nil if absent.
    public var sourceName: String? { sourceNameBytes?.text }

    /// The alarm's text, such as `HIHI`; nil if absent.
    public var message: String? { messageBytes?.text }

    /// Writes a message into `builder`, which is reset first.
    public static func encode(
        sourceName: String?, timestamp: Int64, severity: Severity, message: String?,
        into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let text: FlatOffset? = builder.string(message)
        let source: FlatOffset? = builder.string(sourceName)
        builder.startTable(slots: 4)
        builder.add(1, timestamp)
        builder.add(0, ifPresent: source)
        builder.add(3, ifPresent: text)
        builder.add(2, severity.rawValue)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    /// An encoded message.
    public static func encoded(
        sourceName: String?, timestamp: Int64, severity: Severity, message: String?
    ) -> [UInt8] {
        var builder = FlatBufferBuilder()
        encode(sourceName: sourceName, timestamp: timestamp, severity: severity, message: message, into: &builder)
        return builder.array
    }

    public var summary: String {
        "\(sourceName ?? "?") \(severity.word)\(message.map { $0.isEmpty ? "" : " " + $0 } ?? "")"
            + " \(CivilTime.iso(nanoseconds: timestamp))"
    }
}
