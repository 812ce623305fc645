import FlatBuffers

/// What tells `ADAr` and `AD00` apart: which integers they count with.
public protocol AreaArrayFormat: SchemaFormat {
    /// Counts nanoseconds since the Unix epoch, and elements.
    associatedtype Count: FlatScalar & FixedWidthInteger
}

/// An area detector's array: what `ADAr` and `AD00` have in common.
public struct AreaArray<Format: AreaArrayFormat>: SchemaView {
    public static var identifier: String { Format.identifier }
    public static var definition: SchemaDefinition { Format.definition }

    /// The root table.
    static func root(_ table: String, count: NumberType) -> TableDefinition {
        TableDefinition(
            table,
            [
                .required(0, "source_name", .string, "the detector"),
                .field(1, "id", .number(.int32), "counts up for each array of a source"),
                .field(2, "timestamp", .number(count, time: .nanoseconds), "ns since 1970, when it was taken"),
                .required(3, "dimensions", .numbers(count), "elements along each axis"),
                .field(
                    4, "data_type", .enumeration(EnumerationDefinition("DType", .int8, AreaDataType.self)),
                    "what the elements are"),
                .required(5, "data", .array(type: 4, shape: 3), "the elements, row-major"),
                .field(
                    6, "attributes", .tables(AreaAttribute.definition, maximum: AreaAttribute.countMaximum),
                    "what else is known"),
            ])
    }

    /// A message as JSON.
    static var example: String {
        #"""
        {"source_name": "camera", "id": 3, "timestamp_iso": "2026-11-20T12:00:00Z", "dimensions": [2, 3],
         "data_type": "uint16", "data": [0, 1, 2, 3, 4, 5], "attributes": [
         {"name": "gain", "description": "camera gain", "source": "IN:DEMO:GAIN", "data_type": "float64",
         "data": [2.5]}]}
        """#
    }

    /// UTF-8 bytes of `sourceName`.
    public let sourceNameBytes: FlatVector<UInt8>
    /// Counts up for each array of a source.
    public let id: Int32
    /// When the array was taken: nanoseconds since the Unix epoch.
    public let timestamp: Format.Count
    /// Elements along each axis, as the sender says; see `dataMismatch`.
    public let dimensions: FlatVector<Format.Count>
    /// The elements, row-major.
    public let data: TypedArray
    /// What else is known; nil if absent.
    public let attributes: [AreaAttribute]?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        sourceNameBytes = try table.requiredString(0, "source_name")
        id = try table.scalar(1, "id", default: 0)
        timestamp = try table.scalar(2, "timestamp", default: 0)
        dimensions = try table.requiredVector(3, "dimensions")
        let type = try table.enumeration(4, "data_type", default: AreaDataType.int8)
        guard let data = try table.typedArray(5, "data", type: type) else { throw table.failure(.missing, "data") }
        self.data = data
        attributes = try AreaAttribute.all(table, 6, "attributes")
    }

    /// The detector.
    public var sourceName: String { sourceNameBytes.text }
    /// How `data` and `dimensions` disagree; nil when they agree.
    public var dataMismatch: ShapeMismatch? { ShapeMismatch(of: data, dimensions) }

    /// Writes a message into `builder`, which is reset first; nil fields are left out.
    public static func encode(
        sourceName: String, id: Int32, timestamp: Format.Count, dimensions: [Format.Count], data: OwnedArray,
        attributes: [AreaAttribute.Owned]? = nil, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let facts = attributes.map { AreaAttribute.Owned.add($0, to: &builder) }
        let elements = data.addBytes(to: &builder)
        let sizes = builder.vector(dimensions)
        let source: FlatOffset = builder.string(sourceName)
        builder.startTable(slots: 7)
        builder.add(2, timestamp)
        builder.add(0, source)
        builder.add(1, id)
        builder.add(3, sizes)
        builder.add(5, elements)
        builder.add(6, ifPresent: facts)
        builder.add(4, AreaDataType.naming(data).rawValue)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String {
        let date = CivilTime.shown(nanoseconds: timestamp)
        return "\(sourceName) \(dimensions.asShape) elements \(date)\(dataMismatch.map { ": \($0)" } ?? "")"
    }
}
