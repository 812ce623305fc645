import FlatBuffers

/// Many values of one sample-environment channel, the older form (`senv_data.fbs`).
public typealias SENV = SampleValues<SENVFormat>

/// `SENV` counts with unsigned integers, and has whole numbers only.
public enum SENVFormat: SampleValuesFormat {
    public typealias Count = UInt64

    public static let identifier = "senv"
    public static let numbers: [NumberType] = [.int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64]
    public static let names = SampleValuesNames(
        device: "Name", channel: "Channel", packetTimestamp: "PacketTimestamp", timeDelta: "TimeDelta",
        timestampLocation: "TimestampLocation", values: "Values", timestamps: "Timestamps",
        messageCounter: "MessageCounter")

    public static let definition = SchemaDefinition(
        identifier, "many values of one sample-environment channel", file: "senv_data.fbs", status: .deprecated,
        topics: ["_sampleEnv"],
        root: SENV.root(
            "SampleEnvironmentData", count: .uint64,
            values: UnionDefinition(
                "ValueUnion",
                values: [
                    ("Int8Array", .numbers(.int8)), ("UInt8Array", .numbers(.uint8)),
                    ("Int16Array", .numbers(.int16)), ("UInt16Array", .numbers(.uint16)),
                    ("Int32Array", .numbers(.int32)), ("UInt32Array", .numbers(.uint32)),
                    ("Int64Array", .numbers(.int64)), ("UInt64Array", .numbers(.uint64)),
                ], isRequired: true)),
        example: #"""
            {"Name": "adc", "Channel": 1, "PacketTimestamp_iso": "2026-11-20T12:00:00Z", "TimeDelta": 1000000,
             "TimestampLocation": "Start", "Values_type": "Int16Array", "Values": [1, -2, 3], "MessageCounter": 5}
            """#)
}
