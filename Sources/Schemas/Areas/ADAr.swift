import FlatBuffers

/// An area detector's array, the older form (`ADAr_area_detector_array.fbs`).
public struct ADAr: SchemaView {
    public static let identifier = "ADAr"

    public static let definition = SchemaDefinition(
        identifier, "an area detector's array", file: "ADAr_area_detector_array.fbs", status: .deprecated,
        topics: ["_areaDetector"],
        root: TableDefinition(
            "ADArray",
            [
                .required(0, "source_name", .string, "the detector"),
                .field(1, "id", .number(.int32), "counts up for each array of a source"),
                .field(2, "timestamp", .number(.uint64, time: .nanoseconds), "ns since 1970, when it was taken"),
                .required(3, "dimensions", .numbers(.uint64), "elements along each axis"),
                .field(
                    4, "data_type", .enumeration(EnumerationDefinition("DType", .int8, AreaDataType.self)),
                    "what the elements are"),
                .required(5, "data", .array(type: 4), "the elements, row-major"),
                .field(
                    6, "attributes", .tables(AreaAttribute.definition, maximum: AreaAttribute.countMaximum),
                    "what else is known"),
            ]),
        example: #"""
            {"source_name": "camera", "id": 3, "timestamp_iso": "2026-11-20T12:00:00Z", "dimensions": [2, 3],
             "data_type": "uint16", "data": [0, 1, 2, 3, 4, 5], "attributes": [
             {"name": "gain", "description": "camera gain", "source": "IN:DEMO:GAIN", "data_type": "float64",
             "data": [2.5]}]}
            """#)

    /// UTF-8 bytes of `sourceName`.
    public let sourceNameBytes: FlatVector<UInt8>
    /// Counts up for each array of a source.
    public let id: Int32
    /// When the array was taken: nanoseconds since the Unix epoch.
    public let timestamp: UInt64
    /// Elements along each axis, as the sender says.
    public let dimensions: FlatVector<UInt64>
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

    /// Writes a message into `builder`, which is reset first; nil fields are left out.
    public static func encode(
        sourceName: String, id: Int32, timestamp: UInt64, dimensions: [UInt64], data: OwnedArray,
        attributes: [AreaAttribute.Owned]? = nil, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        var offsets: [FlatOffset] = []
        for attribute in attributes ?? [] { offsets.append(attribute.add(to: &builder)) }
        let facts = attributes == nil ? nil : builder.vector(offsets)
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
        let shape = dimensions.prefix(8).map(String.init).joined(separator: "x")
        return
            "\(sourceName) \(shape) elements \((Int64(exactly: timestamp).map { CivilTime.iso(nanoseconds: $0) } ?? ""))"
    }
}
