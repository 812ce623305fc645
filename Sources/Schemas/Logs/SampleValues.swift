import FlatBuffers

/// What tells `SENV` and `SE00` apart: their integers, their types of values, and how they spell their fields.
public protocol SampleValuesFormat: SchemaFormat {
    /// Counts nanoseconds since the Unix epoch, and messages.
    associatedtype Count: FlatScalar & FixedWidthInteger
    /// What values may be, in the order of the union's tags.
    static var numbers: [NumberType] { get }
    /// The fields' names.
    static var names: SampleValuesNames { get }
}

/// The names of the fields of `SENV` or `SE00`.
public struct SampleValuesNames: Sendable {
    let device, channel, packetTimestamp, timeDelta, timestampLocation, values, timestamps, messageCounter: StaticString
}

/// Many values of one sample-environment channel: what `SENV` and `SE00` have in common.
public struct SampleValues<Format: SampleValuesFormat>: SchemaView {
    public static var identifier: String { Format.identifier }
    public static var definition: SchemaDefinition { Format.definition }

    /// The root table, whose values are the members of `values`.
    static func root(_ table: String, count: NumberType, values: UnionDefinition) -> TableDefinition {
        let names = Format.names
        return TableDefinition(
            table,
            [
                .required(0, names.device, .string, "the device"),
                .field(1, names.channel, .number(.int32), "the device's channel; -1: it has none"),
                .field(
                    2, names.packetTimestamp, .number(count, time: .nanoseconds),
                    "ns since 1970, of the value that \(names.timestampLocation) says"),
                .field(3, names.timeDelta, .number(.float64), "ns between two values; 0 or less: unused"),
                .field(
                    4, names.timestampLocation,
                    .enumeration(EnumerationDefinition("Location", .int8, TimestampLocation.self)),
                    "which value has the packet's time"),
                .required(5, names.values, .union(values), "the values"),
                .field(7, names.timestamps, .numbers(count, time: .nanoseconds), "ns since 1970, of each value"),
                .field(8, names.messageCounter, .number(count), "counts up for each message"),
            ])
    }

    /// UTF-8 bytes of `name`.
    public let nameBytes: FlatVector<UInt8>
    /// The device's channel; -1 if it has none.
    public let channel: Int32
    /// When the value was taken that `timestampLocation` says: nanoseconds since the Unix epoch.
    public let packetTimestamp: Format.Count
    /// Nanoseconds between two values; 0 or less is unused.
    public let timeDelta: Double
    /// Which value has the packet's time.
    public let timestampLocation: TimestampLocation
    /// The values, numbers of one of the schema's types.
    public let values: TypedArray
    /// When each value was taken: nanoseconds since the Unix epoch; nil if absent.
    public let timestamps: FlatVector<Format.Count>?
    /// Counts up for each message.
    public let messageCounter: Format.Count

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        let names = Format.names
        nameBytes = try table.requiredString(0, names.device)
        channel = try table.scalar(1, names.channel, default: 0)
        packetTimestamp = try table.scalar(2, names.packetTimestamp, default: 0)
        timeDelta = try table.scalar(3, names.timeDelta, default: 0)
        timestampLocation = try table.enumeration(4, names.timestampLocation, default: .unknown)
        guard let values = try table.boxedArray(5, names.values, Format.numbers, isRequired: true) else {
            throw table.failure(.missing, names.values)
        }
        self.values = values
        timestamps = try table.vector(7, names.timestamps)
        messageCounter = try table.scalar(8, names.messageCounter, default: 0)
    }

    /// The device.
    public var name: String { nameBytes.text }

    /// Writes a message into `builder`, which is reset first; nil fields are left out. `values` must be numbers of a type
    /// that the schema has.
    public static func encode(
        name: String, channel: Int32, packetTimestamp: Format.Count, timeDelta: Double,
        timestampLocation: TimestampLocation, values: OwnedArray, timestamps: [Format.Count]? = nil,
        messageCounter: Format.Count, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let times = timestamps.map { builder.vector($0) }
        let box = values.addBox(to: &builder, Format.numbers)
        let device: FlatOffset = builder.string(name)
        builder.startTable(slots: 9)
        builder.add(2, packetTimestamp)
        builder.add(3, timeDelta)
        builder.add(8, messageCounter)
        builder.add(0, device)
        builder.add(1, channel)
        builder.add(6, box.table)
        builder.add(7, ifPresent: times)
        builder.add(4, timestampLocation.rawValue)
        builder.add(5, box.tag)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String {
        "\(name) channel \(channel) \(values.count) values \(CivilTime.shown(nanoseconds: packetTimestamp))"
    }
}
