import FlatBuffers

/// A histogram, or a slice of one (`hs01_event_histogram.fbs`).
public struct HS01: SchemaView {
    public static let identifier = "hs01"
    /// The most axes that a histogram may have: as many as an HDF5 data set.
    public static let dimensionsMaximum = 32

    public static let definition = SchemaDefinition(
        identifier, "a histogram, or a slice of one", file: "hs01_event_histogram.fbs", topics: ["_monitorHistograms"],
        root: TableDefinition(
            "EventHistogram",
            [
                .field(0, "source", .string, "who made it"),
                .field(1, "timestamp", .number(.int64, time: .nanoseconds), "ns since 1970, when it was taken"),
                .field(
                    2, "dim_metadata",
                    .tables(
                        TableDefinition(
                            "DimensionMetaData",
                            [
                                .field(0, "length", .number(.int32), "bins on the whole axis"),
                                .field(1, "unit", .string, "the boundaries' unit, such as ns"),
                                .field(2, "label", .string, "the axis' name"),
                                .field(3, "bin_boundaries", .union(values), "length + 1 boundaries"),
                            ]), maximum: dimensionsMaximum), "the axes"),
                .field(
                    3, "last_metadata_timestamp", .number(.int64, time: .nanosecondsOrNone),
                    "ns since 1970, when the axes last changed; 0: unknown"),
                .required(4, "current_shape", .numbers(.int32), "bins of data along each axis"),
                .field(5, "offset", .numbers(.int32), "where the slice begins on each axis; absent: a whole histogram"),
                .field(6, "data", .union(values), "the counts, row-major"),
                .field(8, "errors", .union(values), "their errors, shaped alike"),
                .field(10, "info", .string, "further facts, often JSON"),
            ]),
        example: #"""
            {"source": "histogrammer", "timestamp_iso": "2026-11-20T12:00:00Z",
             "dim_metadata": [{"length": 2, "unit": "ns", "label": "tof", "bin_boundaries_type": "ArrayDouble",
             "bin_boundaries": [0, 5e7, 1e8]}], "current_shape": [2], "data_type": "ArrayLong", "data": [10, 20]}
            """#)

    private static let values = UnionDefinition(
        "Array",
        values: [
            ("ArrayInt", .numbers(.int32)), ("ArrayLong", .numbers(.int64)), ("ArrayDouble", .numbers(.float64)),
            ("ArrayFloat", .numbers(.float32)),
        ])

    /// One axis, read in place.
    public struct Dimension {
        /// Number of bins on the whole axis.
        public let length: Int32
        /// `length` + 1 boundaries; nil if absent.
        public let binBoundaries: Values?
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
            binBoundaries = try Values(table, 3, "bin_boundaries")
        }
    }

    /// One axis to encode.
    public struct OwnedDimension: Sendable, Equatable {
        /// Number of bins on the whole axis.
        public var length: Int32
        /// The boundaries' unit, such as `ns`.
        public var unit: String
        /// The axis' name.
        public var label: String
        /// `length` + 1 boundaries.
        public var binBoundaries: OwnedValues

        /// An axis of `length` bins.
        public init(length: Int32, unit: String, label: String, binBoundaries: OwnedValues) {
            self.length = length
            self.unit = unit
            self.label = label
            self.binBoundaries = binBoundaries
        }
    }

    /// When the histogram was taken: nanoseconds since the Unix epoch.
    public let timestamp: Int64
    /// The axes; empty if absent.
    public let dimensionMetadata: [Dimension]
    /// When the axes last changed: nanoseconds since the Unix epoch; 0 if unknown.
    public let lastMetadataTimestamp: Int64
    /// Bins of `data` along each axis.
    public let currentShape: FlatVector<Int32>
    /// Where the slice begins on each axis; nil for a whole histogram.
    public let offset: FlatVector<Int32>?
    /// The counts, row-major; nil if absent.
    public let data: Values?
    /// Their errors, shaped alike; nil if absent.
    public let errors: Values?
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
        data = try Values(table, 6, "data")
        errors = try Values(table, 8, "errors")
        infoBytes = try table.string(10, "info")
    }

    /// Who made it; nil if absent.
    public var source: String? { sourceBytes?.text }
    /// Further facts, often JSON; nil if absent.
    public var info: String? { infoBytes?.text }

    /// Writes a message into `builder`, which is reset first; nil fields are left out.
    public static func encode(
        source: String?, timestamp: Int64, dimensionMetadata: [OwnedDimension], lastMetadataTimestamp: Int64 = 0,
        currentShape: [Int32], offset: [Int32]? = nil, data: OwnedValues, errors: OwnedValues? = nil,
        info: String? = nil, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        builder.reserve(8 * (data.count + (errors?.count ?? 0)) + 512)
        let facts: FlatOffset? = builder.string(info)
        let spread = errors.map { $0.add(to: &builder) }
        let counts = data.add(to: &builder)
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
        builder.add(7, counts.table)
        if let spread { builder.add(9, spread.table) }
        builder.add(10, ifPresent: facts)
        builder.add(6, counts.tag)
        if let spread { builder.add(8, spread.tag) }
        builder.finish(builder.endTable(), identifier: identifier)
    }

    private static func add(_ dimension: OwnedDimension, to builder: inout FlatBufferBuilder) -> FlatOffset {
        let boundaries = dimension.binBoundaries.add(to: &builder)
        let label: FlatOffset = builder.string(dimension.label)
        let unit: FlatOffset = builder.string(dimension.unit)
        builder.startTable(slots: 5)
        builder.add(0, dimension.length)
        builder.add(1, unit)
        builder.add(2, label)
        builder.addUnion(3, tag: boundaries.tag, boundaries.table)
        return builder.endTable()
    }

    /// An encoded message; nil fields are left out.
    public static func encoded(
        source: String?, timestamp: Int64, dimensionMetadata: [OwnedDimension], lastMetadataTimestamp: Int64 = 0,
        currentShape: [Int32], offset: [Int32]? = nil, data: OwnedValues, errors: OwnedValues? = nil,
        info: String? = nil
    ) -> [UInt8] {
        var builder = FlatBufferBuilder()
        encode(
            source: source, timestamp: timestamp, dimensionMetadata: dimensionMetadata,
            lastMetadataTimestamp: lastMetadataTimestamp, currentShape: currentShape, offset: offset, data: data,
            errors: errors, info: info, into: &builder)
        return builder.array
    }

    public var summary: String {
        let shape = currentShape.prefix(8).map(String.init).joined(separator: "x")
        return "\(source ?? "?") \(shape) bins \(CivilTime.iso(nanoseconds: timestamp))"
    }
}
