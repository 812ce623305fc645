import FlatBuffers

/// Many values of one sample-environment channel (`se00_data.fbs`).
public struct SE00: SchemaView {
    public static let identifier = "se00"
    /// The union's members in the order of their tags: `Double` comes before `Float`.
    static let types: [NumberType] = [
        .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64, .float64, .float32,
    ]

    public static let definition = SchemaDefinition(
        identifier, "many values of one sample-environment channel", file: "se00_data.fbs", topics: ["_sampleEnv"],
        root: TableDefinition(
            "se00_SampleEnvironmentData",
            [
                .required(0, "name", .string, "the device"),
                .field(1, "channel", .number(.int32), "the device's channel; -1: it has none"),
                .field(
                    2, "packet_timestamp", .number(.int64, time: .nanoseconds),
                    "ns since 1970, of the value that timestamp_location says"),
                .field(3, "time_delta", .number(.float64), "ns between two values; 0 or less: unused"),
                .field(
                    4, "timestamp_location",
                    .enumeration(EnumerationDefinition("Location", .int8, TimestampLocation.self)),
                    "which value has the packet's time"),
                .required(
                    5, "values",
                    .union(
                        UnionDefinition(
                            "ValueUnion",
                            values: [
                                ("Int8Array", .numbers(.int8)), ("UInt8Array", .numbers(.uint8)),
                                ("Int16Array", .numbers(.int16)), ("UInt16Array", .numbers(.uint16)),
                                ("Int32Array", .numbers(.int32)), ("UInt32Array", .numbers(.uint32)),
                                ("Int64Array", .numbers(.int64)), ("UInt64Array", .numbers(.uint64)),
                                ("DoubleArray", .numbers(.float64)), ("FloatArray", .numbers(.float32)),
                            ], isRequired: true)), "the values"),
                .field(7, "timestamps", .numbers(.int64, time: .nanoseconds), "ns since 1970, of each value"),
                .field(8, "message_counter", .number(.int64), "counts up for each message"),
            ]),
        example: #"""
            {"name": "adc", "channel": 1, "packet_timestamp_iso": "2026-11-20T12:00:00Z", "time_delta": 1000000,
             "timestamp_location": "Start", "values_type": "Int16Array", "values": [1, -2, 3], "message_counter": 5}
            """#)

    /// UTF-8 bytes of `name`.
    public let nameBytes: FlatVector<UInt8>
    /// The device's channel; -1 if it has none.
    public let channel: Int32
    /// When the value was taken that `timestampLocation` says: nanoseconds since the Unix epoch.
    public let packetTimestamp: Int64
    /// Nanoseconds between two values; 0 or less is unused.
    public let timeDelta: Double
    /// Which value has the packet's time.
    public let timestampLocation: TimestampLocation
    /// The values, numbers of one of ten types.
    public let values: TypedArray
    /// When each value was taken: nanoseconds since the Unix epoch; nil if absent.
    public let timestamps: FlatVector<Int64>?
    /// Counts up for each message.
    public let messageCounter: Int64

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        nameBytes = try table.requiredString(0, "name")
        channel = try table.scalar(1, "channel", default: 0)
        packetTimestamp = try table.scalar(2, "packet_timestamp", default: 0)
        timeDelta = try table.scalar(3, "time_delta", default: 0)
        timestampLocation = try table.enumeration(4, "timestamp_location", default: .unknown)
        guard let values = try table.boxedArray(5, "values", Self.types, isRequired: true) else {
            throw table.failure(.missing, "values")
        }
        self.values = values
        timestamps = try table.vector(7, "timestamps")
        messageCounter = try table.scalar(8, "message_counter", default: 0)
    }

    /// The device.
    public var name: String { nameBytes.text }

    /// Writes a message into `builder`, which is reset first; nil fields are left out. `values` must be numbers.
    public static func encode(
        name: String, channel: Int32, packetTimestamp: Int64, timeDelta: Double,
        timestampLocation: TimestampLocation, values: OwnedArray, timestamps: [Int64]? = nil, messageCounter: Int64,
        into builder: inout FlatBufferBuilder
    ) {
        guard case .number(let type) = values.type, let tag = types.firstIndex(of: type) else {
            preconditionFailure("values are numbers")
        }
        builder.reset()
        let times = timestamps.map { builder.vector($0) }
        let box = values.addBox(to: &builder)
        let device: FlatOffset = builder.string(name)
        builder.startTable(slots: 9)
        builder.add(2, packetTimestamp)
        builder.add(3, timeDelta)
        builder.add(8, messageCounter)
        builder.add(0, device)
        builder.add(1, channel)
        builder.add(6, box)
        builder.add(7, ifPresent: times)
        builder.add(4, timestampLocation.rawValue)
        builder.add(5, UInt8(tag + 1))
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String {
        "\(name) channel \(channel) \(values.count) values \(CivilTime.iso(nanoseconds: packetTimestamp))"
    }
}
