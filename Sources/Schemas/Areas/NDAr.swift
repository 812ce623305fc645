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
                    4, "dataType", .enumeration(EnumerationDefinition("DType", .int8, DataType.self)),
                    "what the elements are"),
                .field(5, "pData", .array(type: 4), "the elements"),
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

    /// What the elements are.
    public enum DataType: Int8, SchemaEnumeration {
        case int8 = 0
        case uint8, int16, uint16, int32, uint32, int64, uint64, float32, float64, text

        public static let words = [
            "Int8", "Uint8", "Int16", "Uint16", "Int32", "Uint32", "Int64", "Uint64", "Float32", "Float64", "c_string",
        ]
    }

    /// Counts up for each array.
    public let id: Int32
    /// When the array was taken; unit and epoch are the sender's choice.
    public let timeStamp: Double
    /// When the array was taken, as EPICS counts; nil if absent.
    public let epicsTimestamp: EPICSTimestamp?
    /// Elements along each axis; nil if absent.
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
        let type = try table.enumeration(4, "dataType", default: DataType.int8)
        data = try table.typedArray(5, "pData", type: type)
        if let tables = try table.tables(6, "pAttributeList", maximum: AreaAttribute.countMaximum) {
            var attributes: [Attribute] = []
            for table in tables { attributes.append(try Attribute(table: table)) }
            self.attributes = attributes
        } else {
            attributes = nil
        }
    }

    /// Writes a message into `builder`, which is reset first; nil fields are left out.
    public static func encode(
        id: Int32, timeStamp: Double, epicsTimestamp: EPICSTimestamp? = nil, dimensions: [UInt64], data: OwnedArray,
        attributes: [AreaAttribute.Owned]? = nil, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        var offsets: [FlatOffset] = []
        for attribute in attributes ?? [] { offsets.append(Attribute.add(attribute, to: &builder)) }
        let facts = attributes == nil ? nil : builder.vector(offsets)
        let elements = data.addBytes(to: &builder)
        let sizes = builder.vector(dimensions)
        builder.startTable(slots: 7)
        builder.add(1, timeStamp)
        if let epicsTimestamp { builder.add(2, structure: epicsTimestamp.bytes, alignment: 4) }
        builder.add(0, id)
        builder.add(3, sizes)
        builder.add(5, elements)
        builder.add(6, ifPresent: facts)
        builder.add(4, DataType.naming(data).rawValue)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String {
        let shape = dimensions?.prefix(8).map(String.init).joined(separator: "x") ?? "?"
        return "array \(id) \(shape) elements"
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
                    3, "dataType", .enumeration(EnumerationDefinition("DType", .int8, DataType.self)),
                    "what the elements are"),
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
            let type = try table.enumeration(3, "dataType", default: DataType.int8)
            data = try table.typedArray(4, "pData", type: type)
        }

        static func add(_ attribute: AreaAttribute.Owned, to builder: inout FlatBufferBuilder) -> FlatOffset {
            let value = attribute.data.addBytes(to: &builder)
            let origin: FlatOffset? = builder.string(attribute.source)
            let text: FlatOffset? = builder.string(attribute.description)
            let name: FlatOffset = builder.string(attribute.name)
            builder.startTable(slots: 5)
            builder.add(0, name)
            builder.add(1, ifPresent: text)
            builder.add(2, ifPresent: origin)
            builder.add(4, value)
            builder.add(3, DataType.naming(attribute.data).rawValue)
            return builder.endTable()
        }

        /// The attribute's name; nil if absent.
        public var name: String? { nameBytes?.text }
        /// What it is, for people; nil if absent.
        public var description: String? { descriptionBytes?.text }
        /// Where it comes from; nil if absent.
        public var source: String? { sourceBytes?.text }
    }
}
