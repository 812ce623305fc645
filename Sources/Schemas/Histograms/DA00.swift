import FlatBuffers

/// A named set of arrays with axes and units, such as a histogram with its edges and errors (`da00_dataarray.fbs`).
///
/// By convention the counts are the variable `signal`, their errors `errors`, and each axis a variable of its own name
/// with one element more than bins.
public struct DA00: SchemaView {
    public static let identifier = "da00"
    /// The most variables in a message.
    public static let variablesMaximum = 1000
    /// The most axes of a variable: as many as an HDF5 data set.
    public static let axesMaximum = 32

    public static let definition = SchemaDefinition(
        identifier, "arrays with axes and units", file: "da00_dataarray.fbs", topics: ["_monitorHistograms"],
        root: TableDefinition(
            "da00_DataArray",
            [
                .required(0, "source_name", .string, "who made it"),
                .field(1, "timestamp", .number(.int64, time: .nanoseconds), "ns since 1970, when it was taken"),
                .required(2, "data", .tables(Variable.definition, maximum: variablesMaximum), "the variables"),
            ]),
        example: #"""
            {"source_name": "bank1", "timestamp_iso": "2026-11-20T12:00:00Z", "data": [
             {"name": "signal", "unit": "counts", "data_type": "int32", "axes": ["tof"], "shape": [2], "data": [10, 20]},
             {"name": "tof", "unit": "ns", "data_type": "float64", "axes": ["tof"], "shape": [3],
             "data": [0, 5e7, 1e8]}]}
            """#)

    /// What a variable's elements are.
    public enum DataType: Int8, SchemaEnumeration {
        /// Unknown: bytes.
        case none = 0
        case int8 = 1
        case uint8, int16, uint16, int32, uint32, int64, uint64, float32, float64, text

        public static let words = [
            "none", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64",
            "c_string",
        ]
    }

    /// One array, read in place.
    public struct Variable {
        static let definition = TableDefinition(
            "da00_Variable",
            [
                .required(0, "name", .string, "the variable"),
                .field(1, "unit", .string, "its unit, such as counts"),
                .field(2, "label", .string, "its name for people"),
                .field(3, "source", .string, "where it comes from"),
                .field(
                    4, "data_type", .enumeration(EnumerationDefinition("da00_dtype", .int8, DataType.self)),
                    "what the elements are"),
                .field(5, "axes", .strings(maximum: axesMaximum), "the axes, outermost first"),
                .required(6, "shape", .numbers(.int64), "elements along each axis"),
                .required(7, "data", .array(type: 4, shape: 6), "the elements, row-major"),
            ])

        /// What the elements are.
        public let dataType: DataType
        /// Elements along each axis, as the sender says; see `dataMismatch`.
        public let shape: FlatVector<Int64>
        /// The elements, row-major.
        public let data: TypedArray
        private let nameBytes: FlatVector<UInt8>
        private let unitBytes: FlatVector<UInt8>?
        private let labelBytes: FlatVector<UInt8>?
        private let sourceBytes: FlatVector<UInt8>?
        private let axesBytes: [FlatVector<UInt8>]?

        init(table: FlatBufferTable) throws(FlatBufferError) {
            nameBytes = try table.requiredString(0, "name")
            unitBytes = try table.string(1, "unit")
            labelBytes = try table.string(2, "label")
            sourceBytes = try table.string(3, "source")
            dataType = try table.enumeration(4, "data_type", default: DataType.none)
            axesBytes = try table.strings(5, "axes", maximum: DA00.axesMaximum)
            shape = try table.requiredVector(6, "shape")
            guard let data = try table.typedArray(7, "data", type: dataType) else {
                throw table.failure(.missing, "data")
            }
            self.data = data
        }

        /// How `data` and `shape` disagree; nil when they agree.
        public var dataMismatch: ShapeMismatch? { ShapeMismatch(of: data, shape) }
        /// The variable's name.
        public var name: String { nameBytes.text }
        /// Its unit; nil if absent.
        public var unit: String? { unitBytes?.text }
        /// Its name for people; nil if absent.
        public var label: String? { labelBytes?.text }
        /// Where it comes from; nil if absent.
        public var source: String? { sourceBytes?.text }
        /// Names of the axes, outermost first; nil if absent.
        public var axes: [String]? { axesBytes?.map(\.text) }
    }

    /// One array to encode.
    public struct OwnedVariable: Sendable, Equatable {
        /// The variable's name.
        public var name: String
        /// Its unit.
        public var unit: String?
        /// Its name for people.
        public var label: String?
        /// Where it comes from.
        public var source: String?
        /// Names of the axes, outermost first.
        public var axes: [String]?
        /// Elements along each axis.
        public var shape: [Int64]
        /// The elements, row-major.
        public var data: OwnedArray

        /// A variable; what is nil is left out.
        public init(
            name: String, unit: String? = nil, label: String? = nil, source: String? = nil, axes: [String]? = nil,
            shape: [Int64], data: OwnedArray
        ) {
            self.name = name
            self.unit = unit
            self.label = label
            self.source = source
            self.axes = axes
            self.shape = shape
            self.data = data
        }

        func add(to builder: inout FlatBufferBuilder) -> FlatOffset {
            let elements = data.addBytes(to: &builder)
            let sizes = builder.vector(shape)
            let names = axes.map { builder.vector($0) }
            let origin: FlatOffset? = builder.string(source)
            let title: FlatOffset? = builder.string(label)
            let unit: FlatOffset? = builder.string(self.unit)
            let name: FlatOffset = builder.string(self.name)
            builder.startTable(slots: 8)
            builder.add(0, name)
            builder.add(1, ifPresent: unit)
            builder.add(2, ifPresent: title)
            builder.add(3, ifPresent: origin)
            builder.add(5, ifPresent: names)
            builder.add(6, sizes)
            builder.add(7, elements)
            builder.add(4, DataType.naming(data).rawValue)
            return builder.endTable()
        }
    }

    /// UTF-8 bytes of `sourceName`.
    public let sourceNameBytes: FlatVector<UInt8>
    /// When it was taken: nanoseconds since the Unix epoch.
    public let timestamp: Int64
    /// The variables.
    public let data: [Variable]

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        sourceNameBytes = try table.requiredString(0, "source_name")
        timestamp = try table.scalar(1, "timestamp", default: 0)
        guard let tables = try table.tables(2, "data", maximum: Self.variablesMaximum) else {
            throw table.failure(.missing, "data")
        }
        var variables: [Variable] = []
        for table in tables { variables.append(try Variable(table: table)) }
        data = variables
    }

    /// Who made it.
    public var sourceName: String { sourceNameBytes.text }

    /// Writes a message into `builder`, which is reset first.
    public static func encode(
        sourceName: String, timestamp: Int64, data: [OwnedVariable], into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        var offsets: [FlatOffset] = []
        for variable in data { offsets.append(variable.add(to: &builder)) }
        let variables = builder.vector(offsets)
        let source: FlatOffset = builder.string(sourceName)
        builder.startTable(slots: 3)
        builder.add(1, timestamp)
        builder.add(0, source)
        builder.add(2, variables)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    public var summary: String {
        let names = data.prefix(8).map(\.name).joined(separator: ", ")
        let wrong = data.lazy.compactMap { variable in variable.dataMismatch.map { ": \(variable.name): \($0)" } }
        return "\(sourceName) \(names) \(CivilTime.iso(nanoseconds: timestamp))\(wrong.first ?? "")"
    }
}
