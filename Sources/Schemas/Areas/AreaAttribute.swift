import FlatBuffers

/// Something known about an area detector's array, such as the exposure time; read in place.
public struct AreaAttribute {
    /// The most attributes of an array.
    static let countMaximum = 10_000

    static let definition = TableDefinition(
        "Attribute",
        [
            .required(0, "name", .string, "the attribute"),
            .field(1, "description", .string, "what it is, for people"),
            .field(2, "source", .string, "where it comes from, often a process variable"),
            .field(
                3, "data_type", .enumeration(EnumerationDefinition("DType", .int8, AreaDataType.self)),
                "what the elements are"),
            .required(4, "data", .array(type: 3), "its value"),
        ])

    /// An attribute to encode.
    public struct Owned: Sendable, Equatable {
        /// The attribute's name.
        public var name: String
        /// What it is, for people.
        public var description: String?
        /// Where it comes from, often a process variable.
        public var source: String?
        /// Its value.
        public var data: OwnedArray

        /// An attribute; what is nil is left out.
        public init(name: String, description: String? = nil, source: String? = nil, data: OwnedArray) {
            self.name = name
            self.description = description
            self.source = source
            self.data = data
        }

        func add(to builder: inout FlatBufferBuilder) -> FlatOffset {
            let value = data.addBytes(to: &builder)
            let origin: FlatOffset? = builder.string(source)
            let text: FlatOffset? = builder.string(description)
            let name: FlatOffset = builder.string(self.name)
            builder.startTable(slots: 5)
            builder.add(0, name)
            builder.add(1, ifPresent: text)
            builder.add(2, ifPresent: origin)
            builder.add(4, value)
            builder.add(3, AreaDataType.naming(data).rawValue)
            return builder.endTable()
        }

        static func add(_ attributes: [Owned], to builder: inout FlatBufferBuilder) -> FlatOffset {
            var offsets: [FlatOffset] = []
            for attribute in attributes { offsets.append(attribute.add(to: &builder)) }
            return builder.vector(offsets)
        }
    }

    /// Its value.
    public let data: TypedArray
    private let nameBytes: FlatVector<UInt8>
    private let descriptionBytes: FlatVector<UInt8>?
    private let sourceBytes: FlatVector<UInt8>?

    init(table: FlatBufferTable) throws(FlatBufferError) {
        nameBytes = try table.requiredString(0, "name")
        descriptionBytes = try table.string(1, "description")
        sourceBytes = try table.string(2, "source")
        let type = try table.enumeration(3, "data_type", default: AreaDataType.int8)
        guard let data = try table.typedArray(4, "data", type: type) else { throw table.failure(.missing, "data") }
        self.data = data
    }

    static func all(
        _ table: FlatBufferTable, _ slot: Int, _ name: StaticString
    ) throws(FlatBufferError) -> [AreaAttribute]? {
        guard let tables = try table.tables(slot, name, maximum: countMaximum) else { return nil }
        var attributes: [AreaAttribute] = []
        for table in tables { attributes.append(try AreaAttribute(table: table)) }
        return attributes
    }

    /// The attribute's name.
    public var name: String { nameBytes.text }
    /// What it is, for people; nil if absent.
    public var description: String? { descriptionBytes?.text }
    /// Where it comes from; nil if absent.
    public var source: String? { sourceBytes?.text }
}
