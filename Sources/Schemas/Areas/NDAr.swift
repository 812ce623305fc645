import FlatBuffers

/// An array as EPICS' areaDetector sends it, the oldest form (`NDAr_NDArray_schema.fbs`).
public struct NDAr: SchemaView {
    public static let identifier = "NDAr"

    public static let definition = SchemaDefinition(
        identifier, "an array of EPICS' areaDetector", file: "NDAr_NDArray_schema.fbs", status: .deprecated,
        topics: ["_areaDetector"],
        root: TableDefinition(
            "NDArray",
            [
                .field(0, "id", .number(.int32), "counts up for each array"),
                .field(
                    1, "timeStamp", .number(.float64),
                    "when it was taken; s or ms, from which epoch is the sender's choice"),
                .field(2, "epicsTS", .structure(EPICSTimestamp.definition), "when it was taken, as EPICS counts"),
                .field(3, "dims", .numbers(.uint64), "elements along each axis"),
                .field(
                    4, "dataType", .enumeration(types), "what the elements are"),
                .field(5, "pData", .array(type: 4, shape: 3), "the elements"),
                .field(
                    6, "pAttributeList", .tables(Attribute.definition, maximum: AreaAttribute.countMaximum),
                    "what else is known"),
            ]),
        example: #"""
            {"id": 1, "timeStamp": 1163764800.5, "epicsTS": {"secPastEpoch": 1163764800, "nsec": 500000000},
             "dims": [2, 2], "dataType": "Uint8", "pData": [1, 2, 3, 4], "pAttributeList": [
             {"pName": "gain", "pDescription": "camera gain", "pSource": "IN:DEMO:GAIN", "dataType": "Float64",
             "pData": [2.5]}]}
            """#)

    /// `AreaDataType` as it is spelt here.
    static let types = EnumerationDefinition(
        "DType", .int8, AreaDataType.self,
        words: [
            "Int8", "Uint8", "Int16", "Uint16", "Int32", "Uint32", "Int64", "Uint64", "Float32", "Float64", "c_string",
        ])

    /// Counts up for each array.
    public let id: Int32
    /// When the array was taken; unit and epoch are the sender's choice.
    public let timeStamp: Double
    /// When the array was taken, as EPICS counts; nil if absent.
    public let epicsTimestamp: EPICSTimestamp?
    /// Elements along each axis, as the sender says; nil if absent; see `dataMismatch`.
    public let dimensions: FlatVector<UInt64>?
    /// The elements; nil if absent.
    public let data: TypedArray?
    /// What else is known; nil if absent.
    public let attributes: [Attribute]?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        id = try table.scalar(0, "id", default: 0)
        timeStamp = try table.scalar(1, "timeStamp", default: 0)
        epicsTimestamp = try table.structure(2, "epicsTS", size: EPICSTimestamp.definition.size)
            .map { EPICSTimestamp(secondsPastEpoch: $0.load(0), nanoseconds: $0.load(4)) }
        dimensions = try table.vector(3, "dims")
        let type = try table.enumeration(4, "dataType", default: AreaDataType.int8)
        data = try table.typedArray(5, "pData", type: type)
        if let tables = try table.tables(6, "pAttributeList", maximum: AreaAttribute.countMaximum) {
            var attributes: [Attribute] = []
            for table in tables { attributes.append(try Attribute(table: table)) }
            self.attributes = attributes
        } else {
            attributes = nil
        }
    }

    /// How `data` and `dimensions` disagree; nil when they agree, or one is absent.
    public var dataMismatch: ShapeMismatch? {
        guard let data, let dimensions else { return nil }
        return ShapeMismatch(of: data, dimensions)
    }

    /// Writes a message into `builder`, which is reset first; nil fields are left out.
    public static func encode(
        id: Int32, timeStamp: Double, epicsTimestamp: EPICSTimestamp? = nil, dimensions: [UInt64], data: OwnedArray,
        attributes: [AreaAttribute.Owned]? = nil, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let facts = attributes.map { AreaAttribute.Owned.add($0, to: &builder) }
        let elements = data.addBytes(to: &builder)
        let sizes = builder.vector(dimensions)
        builder.startTable(slots: 7)
        builder.add(1, timeStamp)
        if let epicsTimestamp { builder.add(2, structure: epicsTimestamp.bytes, alignment: 4) }
        builder.add(0, id)
        builder.add(3, sizes)
        builder.add(5, elements)
        builder.add(6, ifPresent: facts)
        builder.add(4, AreaDataType.naming(data).rawValue)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String {
        "array \(id) \(dimensions?.asShape ?? "?") elements\(dataMismatch.map { ": \($0)" } ?? "")"
    }
}

extension NDAr {
    /// Something known about an array, read in place.
    public struct Attribute {
        static let definition = TableDefinition(
            "NDAttribute",
            [
                .field(0, "pName", .string, "the attribute"),
                .field(1, "pDescription", .string, "what it is, for people"),
                .field(2, "pSource", .string, "where it comes from, often a process variable"),
                .field(
                    3, "dataType", .enumeration(types), "what the elements are"),
                .field(4, "pData", .array(type: 3), "its value"),
            ])

        /// Its value; nil if absent.
        public let data: TypedArray?
        private let nameBytes: FlatVector<UInt8>?
        private let descriptionBytes: FlatVector<UInt8>?
        private let sourceBytes: FlatVector<UInt8>?

        init(table: FlatBufferTable) throws(FlatBufferError) {
            nameBytes = try table.string(0, "pName")
            descriptionBytes = try table.string(1, "pDescription")
            sourceBytes = try table.string(2, "pSource")
            let type = try table.enumeration(3, "dataType", default: AreaDataType.int8)
            data = try table.typedArray(4, "pData", type: type)
        }

        /// The attribute's name; nil if absent.
        public var name: String? { nameBytes?.text }
        /// What it is, for people; nil if absent.
        public var description: String? { descriptionBytes?.text }
        /// Where it comes from; nil if absent.
        public var source: String? { sourceBytes?.text }
    }
}
