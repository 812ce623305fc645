import FlatBuffers

/// Many values of one sample-environment channel (`se00_data.fbs`).
public typealias SE00 = SampleValues<SE00Format>

/// `SE00` counts with signed integers, and has floating-point values too.
public enum SE00Format: SampleValuesFormat {
    public typealias Count = Int64

    public static let identifier = "se00"
    // `Double` comes before `Float`.
    public static let numbers: [NumberType] = [
        .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64, .float64, .float32,
    ]
    public static let names = SampleValuesNames(
        device: "name", channel: "channel", packetTimestamp: "packet_timestamp", timeDelta: "time_delta",
        timestampLocation: "timestamp_location", values: "values", timestamps: "timestamps",
        messageCounter: "message_counter")

    public static let definition = SchemaDefinition(
        identifier, "many values of one sample-environment channel", file: "se00_data.fbs", topics: ["_sampleEnv"],
        root: SE00.root(
            "se00_SampleEnvironmentData", count: .int64,
            values: UnionDefinition(
                "ValueUnion",
                values: [
                    ("Int8Array", .numbers(.int8)), ("UInt8Array", .numbers(.uint8)),
                    ("Int16Array", .numbers(.int16)), ("UInt16Array", .numbers(.uint16)),
                    ("Int32Array", .numbers(.int32)), ("UInt32Array", .numbers(.uint32)),
                    ("Int64Array", .numbers(.int64)), ("UInt64Array", .numbers(.uint64)),
                    ("DoubleArray", .numbers(.float64)), ("FloatArray", .numbers(.float32)),
                ], isRequired: true)),
        example: #"""
            {"name": "adc", "channel": 1, "packet_timestamp_iso": "2026-11-20T12:00:00Z", "time_delta": 1000000,
             "timestamp_location": "Start", "values_type": "Int16Array", "values": [1, -2, 3], "message_counter": 5}
            """#)
}
