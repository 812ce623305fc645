import FlatBuffers

/// What tells `HS00` and `HS01` apart: which integers they count with.
public protocol EventHistogramFormat: SchemaFormat {
    /// Counts bins.
    associatedtype Size: FlatScalar & FixedWidthInteger
    /// Counts nanoseconds since the Unix epoch.
    associatedtype Time: FlatScalar & FixedWidthInteger
    /// What arrays may hold, in the order of the union's tags.
    static var numbers: [NumberType] { get }
}

/// A histogram, or a slice of one: what `HS00` and `HS01` have in common.
public struct EventHistogram<Format: EventHistogramFormat>: SchemaView {
    public static var identifier: String { Format.identifier }
    public static var definition: SchemaDefinition { Format.definition }
    /// The most axes that a histogram may have: as many as an HDF5 data set.
    public static var dimensionsMaximum: Int { 32 }

    /// The root table, whose arrays are the members of `values`.
    static func root(_ size: NumberType, _ time: NumberType, values: UnionDefinition) -> TableDefinition {
        let dimension = TableDefinition(
            "DimensionMetaData",
            [
                .field(0, "length", .number(size), "bins on the whole axis"),
                .field(1, "unit", .string, "the boundaries' unit, such as ns"),
                .field(2, "label", .string, "the axis' name"),
                .field(3, "bin_boundaries", .union(values), "length + 1 boundaries"),
            ])
        return TableDefinition(
            "EventHistogram",
            [
                .field(0, "source", .string, "who made it"),
                .field(1, "timestamp", .number(time, time: .nanoseconds), "ns since 1970, when it was taken"),
                .field(2, "dim_metadata", .tables(dimension, maximum: dimensionsMaximum), "the axes"),
                .field(
                    3, "last_metadata_timestamp", .number(time, time: .nanosecondsOrNone),
                    "ns since 1970, when the axes last changed; 0: unknown"),
                .required(4, "current_shape", .numbers(size), "bins of data along each axis"),
                .field(5, "offset", .numbers(size), "where the slice begins on each axis; absent: a whole histogram"),
                .field(6, "data", .union(values), "the counts, row-major"),
                .field(8, "errors", .union(values), "their errors, shaped alike"),
                .field(10, "info", .string, "further facts, often JSON"),
            ])
    }

    /// One axis, read in place.
    public struct Dimension {
        /// Number of bins on the whole axis.
        public let length: Format.Size
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
            binBoundaries = try table.boxedArray(3, "bin_boundaries", Format.numbers)
        }
    }

    /// One axis to encode.
    public struct OwnedDimension: Sendable, Equatable {
        /// Number of bins on the whole axis.
        public var length: Format.Size
        /// The boundaries' unit, such as `ns`.
        public var unit: String
        /// The axis' name.
        public var label: String
        /// `length` + 1 boundaries: numbers of a type that the schema has.
        public var binBoundaries: OwnedArray

        /// An axis of `length` bins.
        public init(length: Format.Size, unit: String, label: String, binBoundaries: OwnedArray) {
            self.length = length
            self.unit = unit
            self.label = label
            self.binBoundaries = binBoundaries
        }

        func add(to builder: inout FlatBufferBuilder) -> FlatOffset {
            let (tag, boundaries) = binBoundaries.addBox(to: &builder, Format.numbers)
            let label: FlatOffset = builder.string(self.label)
            let unit: FlatOffset = builder.string(self.unit)
            builder.startTable(slots: 5)
            builder.add(0, length)
            builder.add(1, unit)
            builder.add(2, label)
            builder.addUnion(3, tag: tag, boundaries)
            return builder.endTable()
        }
    }

    /// When the histogram was taken: nanoseconds since the Unix epoch.
    public let timestamp: Format.Time
    /// The axes; empty if absent.
    public let dimensionMetadata: [Dimension]
    /// When the axes last changed: nanoseconds since the Unix epoch; 0 if unknown.
    public let lastMetadataTimestamp: Format.Time
    /// Bins of `data` along each axis.
    public let currentShape: FlatVector<Format.Size>
    /// Where the slice begins on each axis; nil for a whole histogram.
    public let offset: FlatVector<Format.Size>?
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
        data = try table.boxedArray(6, "data", Format.numbers)
        errors = try table.boxedArray(8, "errors", Format.numbers)
        infoBytes = try table.string(10, "info")
    }

    /// Who made it; nil if absent.
    public var source: String? { sourceBytes?.text }
    /// Further facts, often JSON; nil if absent.
    public var info: String? { infoBytes?.text }

    /// Writes a message into `builder`, which is reset first; nil fields are left out. All arrays must hold numbers of a
    /// type that the schema has.
    public static func encode(
        source: String?, timestamp: Format.Time, dimensionMetadata: [OwnedDimension],
        lastMetadataTimestamp: Format.Time = 0, currentShape: [Format.Size], offset: [Format.Size]? = nil,
        data: OwnedArray, errors: OwnedArray? = nil, info: String? = nil, into builder: inout FlatBufferBuilder
    ) {
        builder.reset()
        builder.reserve(data.byteCount + (errors?.byteCount ?? 0) + 512)
        let facts: FlatOffset? = builder.string(info)
        let spread = errors.map { $0.addBox(to: &builder, Format.numbers) }
        let counts = data.addBox(to: &builder, Format.numbers)
        let start = offset.map { builder.vector($0) }
        let shape = builder.vector(currentShape)
        var axes: [FlatOffset] = []
        for dimension in dimensionMetadata { axes.append(dimension.add(to: &builder)) }
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
        builder.add(9, ifPresent: spread?.table)
        builder.add(10, ifPresent: facts)
        builder.add(6, counts.tag)
        builder.add(8, ifPresent: spread?.tag)
        builder.finish(builder.endTable(), identifier: identifier)
    }

    /// An encoded message; see `encode`.
    public static func encoded(
        source: String?, timestamp: Format.Time, dimensionMetadata: [OwnedDimension],
        lastMetadataTimestamp: Format.Time = 0, currentShape: [Format.Size], offset: [Format.Size]? = nil,
        data: OwnedArray, errors: OwnedArray? = nil, info: String? = nil
    ) -> [UInt8] {
        var builder = FlatBufferBuilder()
        encode(
            source: source, timestamp: timestamp, dimensionMetadata: dimensionMetadata,
            lastMetadataTimestamp: lastMetadataTimestamp, currentShape: currentShape, offset: offset, data: data,
            errors: errors, info: info, into: &builder)
        return builder.array
    }

    public var summary: String {
        "\(source ?? "?") \(currentShape.asShape) bins \(CivilTime.shown(nanoseconds: timestamp))"
    }
}
