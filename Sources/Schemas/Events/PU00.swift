import FlatBuffers

/// What an ISIS frame was like (`pu00_pulse_metadata.fbs`); one message a frame.
///
/// An absent veto mask, period or charge means "unknown", not 0.
public struct PU00: SchemaView {
    public static let identifier = "pu00"

    public static let definition = SchemaDefinition(
        identifier, "what an ISIS frame was like", file: "pu00_pulse_metadata.fbs", topics: ["_events"],
        root: TableDefinition(
            "Pu00Message",
            [
                .required(0, "source_name", .string, "who sent it"),
                .field(1, "message_id", .number(.int64), "counts up for each message of a source"),
                .field(2, "reference_time", .number(.int64, time: .nanoseconds), "ns since 1970, when the frame began"),
                .field(3, "vetos", .optionalNumber(.uint32), "vetoes that were active, a bit each; absent: unknown"),
                .field(4, "period_number", .optionalNumber(.uint32), "period, counted from 0; absent: unknown"),
                .field(
                    5, "proton_charge", .optionalNumber(.float32), "proton charge of the frame, µA·h; absent: unknown"),
            ]),
        example: #"""
            {"source_name": "streaming_control", "message_id": 7, "reference_time_iso": "2026-11-20T12:00:00Z",
             "vetos": 0, "period_number": 0, "proton_charge": 0.0002}
            """#)

    /// UTF-8 bytes of `sourceName`.
    public let sourceNameBytes: FlatVector<UInt8>
    /// Counts up for each message of a source.
    public let messageID: Int64
    /// When the frame began: nanoseconds since the Unix epoch.
    public let referenceTime: Int64
    /// Vetoes that were active, a bit each; nil if unknown.
    public let vetos: UInt32?
    /// Period of the frame, counted from 0; nil if unknown.
    public let periodNumber: UInt32?
    /// Proton charge of the frame, µA·h; nil if unknown.
    public let protonCharge: Float?

    @inlinable
    public init(table: FlatBufferTable) throws(FlatBufferError) {
        sourceNameBytes = try table.requiredString(0, "source_name")
        messageID = try table.scalar(1, "message_id", default: 0)
        referenceTime = try table.scalar(2, "reference_time", default: 0)
        vetos = try table.optionalScalar(3, "vetos")
        periodNumber = try table.optionalScalar(4, "period_number")
        protonCharge = try table.optionalScalar(5, "proton_charge")
    }

    /// Who sent it.
    public var sourceName: String { sourceNameBytes.text }

    /// Writes a message into `builder`, which is reset first.
    @inlinable
    public static func encode(
        sourceName: String, messageID: Int64, referenceTime: Int64, vetos: UInt32?, periodNumber: UInt32?,
        protonCharge: Float?, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let source: FlatOffset = builder.string(sourceName)
        builder.startTable(slots: 6)
        builder.add(1, messageID)
        builder.add(2, referenceTime)
        builder.add(0, source)
        builder.add(3, ifPresent: vetos)
        builder.add(4, ifPresent: periodNumber)
        builder.add(5, ifPresent: protonCharge)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    /// An encoded message.
    public static func encoded(
        sourceName: String, messageID: Int64, referenceTime: Int64, vetos: UInt32?, periodNumber: UInt32?,
        protonCharge: Float?
    ) -> [UInt8] {
        var builder = FlatBufferBuilder()
        encode(
            sourceName: sourceName, messageID: messageID, referenceTime: referenceTime, vetos: vetos,
            periodNumber: periodNumber, protonCharge: protonCharge, into: &builder)
        return builder.array
    }

    public var summary: String {
        var line = "\(sourceName) \(CivilTime.iso(nanoseconds: referenceTime))"
        if let periodNumber { line += " period \(periodNumber)" }
        if let vetos { line += " vetoes 0x\(String(vetos, radix: 16))" }
        if let protonCharge { line += " charge \(protonCharge) µAh" }
        return line
    }
}
