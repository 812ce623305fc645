import FlatBuffers

/// A histogram, or a slice of one, with unsigned numbers (`hs00_event_histogram.fbs`).
public struct HS00: SchemaView {
    public static let identifier = "hs00"
    /// The most axes that a histogram may have: as many as an HDF5 data set.
    public static let dimensionsMaximum = HS01.dimensionsMaximum
    /// The members of the schema's unions in the order of their tags.
    static let types: [NumberType] = [.uint32, .uint64, .float64, .float32]

    private static let values = UnionDefinition(
        "Array",
        values: [
            ("ArrayUInt", .numbers(.uint32)), ("ArrayULong", .numbers(.uint64)), ("ArrayDouble", .numbers(.float64)),
            ("ArrayFloat", .numbers(.float32)),
        ])

    public static let definition = SchemaDefinition(
        identifier, "a histogram, or a slice of one", file: "hs00_event_histogram.fbs", status: .deprecated,
        topics: ["_monitorHistograms"],
        root: TableDefinition(
            "EventHistogram",
            [
                .field(0, "source", .string, "who made it"),
                .field(1, "timestamp", .number(.uint64, time: .nanoseconds), "ns since 1970, when it was taken"),
                .field(
                    2, "dim_metadata",
                    .tables(
                        TableDefinition(
                            "DimensionMetaData",
                            [
                                .field(0, "length", .number(.uint32), "bins on the whole axis"),
                                .field(1, "unit", .string, "the boundaries' unit, such as ns"),
                                .field(2, "label", .string, "the axis' name"),
                                .field(3, "bin_boundaries", .union(values), "length + 1 boundaries"),
                            ]), maximum: dimensionsMaximum), "the axes"),
                .field(
                    3, "last_metadata_timestamp", .number(.uint64, time: .nanosecondsOrNone),
                    "ns since 1970, when the axes last changed; 0: unknown"),
                .required(4, "current_shape", .numbers(.uint32), "bins of data along each axis"),
                .field(
                    5, "offset", .numbers(.uint32), "where the slice begins on each axis; absent: a whole histogram"),
                .field(6, "data", .union(values), "the counts, row-major"),
                .field(8, "errors", .union(values), "their errors, shaped alike"),
                .field(10, "info", .string, "further facts, often JSON"),
            ]),
        example: #"""
            {"source": "histogrammer", "timestamp_iso": "2026-11-20T12:00:00Z",
             "dim_metadata": [{"length": 2, "unit": "ns", "label": "tof", "bin_boundaries_type": "ArrayDouble",
             "bin_boundaries": [0, 5e7, 1e8]}], "current_shape": [2], "data_type": "ArrayULong", "data": [10, 20]}
            """#)

    /// One axis, read in place.
    public struct Dimension {
        /// Number of bins on the whole axis.
        public let length: UInt32
        /// `length` + 1 boundaries; nil if absent.
        public let binBoundaries: TypedArray?
        private let unitBytes: FlatVector<UInt8>?
        private let labelBytes: FlatVector<UInt8>?

        /// The boundaries' unit, such as `ns`; nil if absent.
        public var unit: String? { unitBytes?.text }
        /// The axis' name; nil if absent.
        public var label: String? { labelBytes?.text }

        init(table: FlatBufferTable) throws(FlatBufferError) {
            length = try table.scalar(0, "length", default: 0)
            unitBytes = try table.string(1, "unit")
            labelBytes = try table.string(2, "label")
            binBoundaries = try table.boxedArray(3, "bin_boundaries", HS00.types)
        }
    }

    /// One axis to encode.
    public struct OwnedDimension: Sendable, Equatable {
        /// Number of bins on the whole axis.
        public var length: UInt32
        /// The boundaries' unit, such as `ns`.
        public var unit: String
        /// The axis' name.
        public var label: String
        /// `length` + 1 boundaries: `uint32`, `uint64`, `float` or `double`.
        public var binBoundaries: OwnedArray

        /// An axis of `length` bins.
        public init(length: UInt32, unit: String, label: String, binBoundaries: OwnedArray) {
            self.length = length
            self.unit = unit
            self.label = label
            self.binBoundaries = binBoundaries
        }
    }

    /// When the histogram was taken: nanoseconds since the Unix epoch.
    public let timestamp: UInt64
    /// The axes; empty if absent.
    public let dimensionMetadata: [Dimension]
    /// When the axes last changed: nanoseconds since the Unix epoch; 0 if unknown.
    public let lastMetadataTimestamp: UInt64
    /// Bins of `data` along each axis.
    public let currentShape: FlatVector<UInt32>
    /// Where the slice begins on each axis; nil for a whole histogram.
    public let offset: FlatVector<UInt32>?
    /// The counts, row-major; nil if absent.
    public let data: TypedArray?
    /// Their errors, shaped alike; nil if absent.
    public let errors: TypedArray?
    private let sourceBytes: FlatVector<UInt8>?
    private let infoBytes: FlatVector<UInt8>?

    public init(table: FlatBufferTable) throws(FlatBufferError) {
        sourceBytes = try table.string(0, "source")
        timestamp = try table.scalar(1, "timestamp", default: 0)
        var dimensions: [Dimension] = []
        for dimension in try table.tables(2, "dim_metadata", maximum: Self.dimensionsMaximum) ?? [] {
            dimensions.append(try Dimension(table: dimension))
        }
        dimensionMetadata = dimensions
        lastMetadataTimestamp = try table.scalar(3, "last_metadata_timestamp", default: 0)
        currentShape = try table.requiredVector(4, "current_shape")
        offset = try table.vector(5, "offset")
        data = try table.boxedArray(6, "data", Self.types)
        errors = try table.boxedArray(8, "errors", Self.types)
        infoBytes = try table.string(10, "info")
    }

    /// Who made it; nil if absent.
    public var source: String? { sourceBytes?.text }
    /// Further facts, often JSON; nil if absent.
    public var info: String? { infoBytes?.text }

    /// Writes a message into `builder`, which is reset first; nil fields are left out. All arrays must be `uint32`,
    /// `uint64`, `float` or `double`.
    public static func encode(
        source: String?, timestamp: UInt64, dimensionMetadata: [OwnedDimension], lastMetadataTimestamp: UInt64 = 0,
        currentShape: [UInt32], offset: [UInt32]? = nil, data: OwnedArray, errors: OwnedArray? = nil,
        info: String? = nil, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        let facts: FlatOffset? = builder.string(info)
        let spread = errors.map { ($0.addBox(to: &builder), tag(of: $0)) }
        let counts = data.addBox(to: &builder)
        let start = offset.map { builder.vector($0) }
        let shape = builder.vector(currentShape)
        var axes: [FlatOffset] = []
        for dimension in dimensionMetadata { axes.append(add(dimension, to: &builder)) }
        let dimensions = builder.vector(axes)
        let name: FlatOffset? = builder.string(source)
        builder.startTable(slots: 11)
        builder.add(1, timestamp)
        builder.add(3, lastMetadataTimestamp)
        builder.add(0, ifPresent: name)
        builder.add(2, dimensions)
        builder.add(4, shape)
        builder.add(5, ifPresent: start)
        builder.add(7, counts)
        builder.add(9, ifPresent: spread?.0)
        builder.add(10, ifPresent: facts)
        builder.add(6, tag(of: data))
        builder.add(8, ifPresent: spread?.1)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    private static func add(_ dimension: OwnedDimension, to builder: inout FlatBufferBuilder) -> FlatOffset {
        let boundaries = dimension.binBoundaries.addBox(to: &builder)
        let label: FlatOffset = builder.string(dimension.label)
        let unit: FlatOffset = builder.string(dimension.unit)
        builder.startTable(slots: 5)
        builder.add(0, dimension.length)
        builder.add(1, unit)
        builder.add(2, label)
        builder.addUnion(3, tag: tag(of: dimension.binBoundaries), boundaries)
        return builder.endTable()
    }

    private static func tag(of array: OwnedArray) -> UInt8 {
        guard case .number(let type) = array.type, let index = types.firstIndex(of: type) else {
            preconditionFailure("hs00 has no such numbers")
        }
        return UInt8(index + 1)
    }

    public var summary: String {
        let shape = currentShape.prefix(8).map(String.init).joined(separator: "x")
        return "\(source ?? "?") \(shape) bins"
    }
}
