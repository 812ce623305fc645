import FlatBuffers

/// A process variable's value and alarm at one time (`f142_logdata.fbs`).
///
/// The schema lost its texts in 2021, but the Python package `ess-streaming-data-types` still sends them (union tags 21
/// and 22): they are read and written here.
public struct F142: SchemaView {
    public static let identifier = "f142"
    /// The most texts that one value may have.
    public static let textsMaximum = 100_000

    public static let definition = SchemaDefinition(
        identifier, "a process variable's value and alarm", file: "f142_logdata.fbs", status: .deprecated,
        topics: ["_sampleEnv"],
        root: TableDefinition(
            "LogData",
            [
                .field(0, "source_name", .string, "the process variable"),
                .field(
                    1, "value",
                    .union(
                        UnionDefinition(
                            "Value",
                            values: UnionDefinition.logValues + [
                                ("String", .string), ("ArrayString", .strings(maximum: textsMaximum)),
                            ])), "the value"),
                .field(
                    3, "timestamp", .number(.uint64, time: .nanosecondsOrNone),
                    "ns since 1970, when the value was taken; 0: invalid"),
                .field(
                    4, "status",
                    .enumeration(EnumerationDefinition("AlarmStatus", .uint16, AlarmStatus.self), absent: 22),
                    "why there is an alarm, as EPICS says"),
                .field(
                    5, "severity",
                    .enumeration(EnumerationDefinition("AlarmSeverity", .uint16, AlarmSeverity.self), absent: 4),
                    "how bad it is"),
            ]),
        example: #"""
            {"source_name": "IN:DEMO:TEMP", "value_type": "Double", "value": 4.2,
             "timestamp_iso": "2026-11-20T12:00:00Z", "status": "HIHI", "severity": "MAJOR"}
            """#)

    /// Why there is an alarm, as EPICS says.
    public enum AlarmStatus: UInt16, SchemaEnumeration {
        case noAlarm = 0
        case read, write, hihi, high, lolo, low, state, changeOfState, communication, timed, hardwareLimit
        case calculation, scan, link, soft, badSubroutine, undefined, disable, simulation, readAccess, writeAccess
        case noChange = 22

        public static let words = [
            "NO_ALARM", "READ", "WRITE", "HIHI", "HIGH", "LOLO", "LOW", "STATE", "COS", "COMM", "TIMED", "HWLIMIT",
            "CALC", "SCAN", "LINK", "SOFT", "BAD_SUB", "UDF", "DISABLE", "SIMM", "READ_ACCESS", "WRITE_ACCESS",
            "NO_CHANGE",
        ]
    }

    /// How bad the alarm is; not in the order of EPICS.
    public enum AlarmSeverity: UInt16, SchemaEnumeration {
        case minor = 0
        case major = 1
        case noAlarm = 2
        case invalid = 3
        case noChange = 4

        public static let words = ["MINOR", "MAJOR", "NO_ALARM", "INVALID", "NO_CHANGE"]
    }

    /// A value as the message holds it; arrays are read in place.
    public enum Value {
        case number(F144.Value)
        /// UTF-8 text.
        case text(FlatVector<UInt8>)
        case texts([FlatVector<UInt8>])
    }

    /// A value to encode.
    public enum OwnedValue: Sendable, Equatable {
        case number(F144.OwnedValue)
        case text(String)
        case texts([String])
    }

    /// UTF-8 bytes of `sourceName`; nil if absent.
    public let sourceNameBytes: FlatVector<UInt8>?
    /// The value; nil if absent.
    public let value: Value?
    /// When the value was taken: nanoseconds since the Unix epoch; 0 is invalid.
    public let timestamp: UInt64
    /// Why there is an alarm; `noChange` if absent.
    public let status: AlarmStatus
    /// How bad the alarm is; `noChange` if absent.
    public let severity: AlarmSeverity

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        sourceNameBytes = try table.string(0, "source_name")
        switch try table.union(1, "value") {
        case nil: value = nil
        case (21, let member)?:
            value = .text(try member.string(0, "value") ?? FlatVector())
        case (22, let member)?: value = .texts(try member.strings(0, "value", maximum: Self.textsMaximum) ?? [])
        case (let tag, let member)?: value = .number(try F144.Value(tag: tag, member))
        }
        timestamp = try table.scalar(3, "timestamp", default: 0)
        status = try table.enumeration(4, "status", default: .noChange)
        severity = try table.enumeration(5, "severity", default: .noChange)
    }

    /// The process variable; nil if absent.
    public var sourceName: String? { sourceNameBytes?.text }

    /// Writes a message into `builder`, which is reset first; `noChange` is left out, as the schema's default.
    public static func encode(
        sourceName: String?, value: OwnedValue, timestamp: UInt64, status: AlarmStatus = .noChange,
        severity: AlarmSeverity = .noChange, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let source: FlatOffset? = builder.string(sourceName)
        let (tag, member): (UInt8, FlatOffset)
        switch value {
        case .number(let number): (tag, member) = number.add(to: &builder)
        case .text(let text): (tag, member) = (21, box(builder.string(text), &builder))
        case .texts(let texts): (tag, member) = (22, box(builder.vector(texts), &builder))
        }
        builder.startTable(slots: 6)
        builder.add(3, timestamp)
        builder.add(0, ifPresent: source)
        builder.add(2, member)
        if status != .noChange { builder.add(4, status.rawValue) }
        if severity != .noChange { builder.add(5, severity.rawValue) }
        builder.add(1, tag)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    private static func box(_ value: FlatOffset, _ builder: inout FlatBufferBuilder) -> FlatOffset {
        builder.startTable(slots: 1)
        builder.add(0, value)
        return builder.endTable()
    }

    public var summary: String {
        let shown =
            switch value {
            case nil: "?"
            case .number(let number): number.shown
            case .text(let text): "\"\(text.text)\""
            case .texts(let texts): "\(texts.count) texts"
            }
        let alarm = severity == .noChange ? "" : " \(severity.word) \(status.word)"
        let time = Int64(exactly: timestamp).map { " " + CivilTime.iso(nanoseconds: $0) } ?? ""
        return "\(sourceName ?? "?") \(shown)\(alarm)\(time)"
    }
}
