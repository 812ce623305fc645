import FlatBuffers

/// Many values of one sample-environment channel, the older form (`senv_data.fbs`).
public struct SENV: SchemaView {
    public static let identifier = "senv"
    /// The union's members in the order of their tags.
    static let types: [NumberType] = [.int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64]

    public static let definition = SchemaDefinition(
        identifier, "many values of one sample-environment channel", file: "senv_data.fbs", status: .deprecated,
        topics: ["_sampleEnv"],
        root: TableDefinition(
            "SampleEnvironmentData",
            [
                .required(0, "Name", .string, "the device"),
                .field(1, "Channel", .number(.int32), "the device's channel; -1: it has none"),
                .field(
                    2, "PacketTimestamp", .number(.uint64, time: .nanoseconds),
                    "ns since 1970, of the value that TimestampLocation says"),
                .field(3, "TimeDelta", .number(.float64), "ns between two values; 0 or less: unused"),
                .field(
                    4, "TimestampLocation",
                    .enumeration(EnumerationDefinition("Location", .int8, TimestampLocation.self)),
                    "which value has the packet's time"),
                .required(
                    5, "Values",
                    .union(
                        UnionDefinition(
                            "ValueUnion",
                            values: [
                                ("Int8Array", .numbers(.int8)), ("UInt8Array", .numbers(.uint8)),
                                ("Int16Array", .numbers(.int16)), ("UInt16Array", .numbers(.uint16)),
                                ("Int32Array", .numbers(.int32)), ("UInt32Array", .numbers(.uint32)),
                                ("Int64Array", .numbers(.int64)), ("UInt64Array", .numbers(.uint64)),
                            ], isRequired: true)), "the values"),
                .field(7, "Timestamps", .numbers(.uint64, time: .nanoseconds), "ns since 1970, of each value"),
                .field(8, "MessageCounter", .number(.uint64), "counts up for each message"),
            ]),
        example: #"""
            {"Name": "adc", "Channel": 1, "PacketTimestamp_iso": "2026-11-20T12:00:00Z", "TimeDelta": 1000000,
             "TimestampLocation": "Start", "Values_type": "Int16Array", "Values": [1, -2, 3], "MessageCounter": 5}
            """#)

    /// UTF-8 bytes of `name`.
    public let nameBytes: FlatVector<UInt8>
    /// The device's channel; -1 if it has none.
    public let channel: Int32
    /// When the value was taken that `timestampLocation` says: nanoseconds since the Unix epoch.
    public let packetTimestamp: UInt64
    /// Nanoseconds between two values; 0 or less is unused.
    public let timeDelta: Double
    /// Which value has the packet's time.
    public let timestampLocation: TimestampLocation
    /// The values, whole numbers of one of eight types.
    public let values: TypedArray
    /// When each value was taken: nanoseconds since the Unix epoch; nil if absent.
    public let timestamps: FlatVector<UInt64>?
    /// Counts up for each message.
    public let messageCounter: UInt64

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        nameBytes = try table.requiredString(0, "Name")
        channel = try table.scalar(1, "Channel", default: 0)
        packetTimestamp = try table.scalar(2, "PacketTimestamp", default: 0)
        timeDelta = try table.scalar(3, "TimeDelta", default: 0)
        timestampLocation = try table.enumeration(4, "TimestampLocation", default: .unknown)
        guard let values = try table.boxedArray(5, "Values", Self.types, isRequired: true) else {
            throw table.failure(.missing, "Values")
        }
        self.values = values
        timestamps = try table.vector(7, "Timestamps")
        messageCounter = try table.scalar(8, "MessageCounter", default: 0)
    }

    /// The device.
    public var name: String { nameBytes.text }

    /// Writes a message into `builder`, which is reset first; nil fields are left out. `values` must be whole numbers.
    public static func encode(
        name: String, channel: Int32, packetTimestamp: UInt64, timeDelta: Double,
        timestampLocation: TimestampLocation, values: OwnedArray, timestamps: [UInt64]? = nil, messageCounter: UInt64,
        into builder: inout FlatBufferBuilder
    ) {
        guard case .number(let type) = values.type, let tag = types.firstIndex(of: type) else {
            preconditionFailure("values are whole numbers")
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

    public var summary: String { "\(name) channel \(channel) \(values.count) values" }
}
