import FlatBuffers

extension HS01 {
    /// Numbers of one of four kinds, read in place.
    public enum Values {
        case int32(FlatVector<Int32>)
        case int64(FlatVector<Int64>)
        case double(FlatVector<Double>)
        case float(FlatVector<Float>)
    }

    /// Numbers of one of four kinds, to encode.
    public enum OwnedValues: Sendable, Equatable {
        case int32([Int32])
        case int64([Int64])
        case double([Double])
        case float([Float])
    }
}

extension HS01.Values {
    /// The numbers in the union at `slot` of `table`, or nil if it is absent.
    init?(_ table: FlatBufferTable, _ slot: Int, _ name: StaticString) throws(FlatBufferError) {
        guard let (tag, member) = try table.union(slot, name) else { return nil }
        switch tag {
        case 1: self = .int32(try Self.elements(member))
        case 2: self = .int64(try Self.elements(member))
        case 3: self = .double(try Self.elements(member))
        case 4: self = .float(try Self.elements(member))
        default: throw table.failure(.unknownValue(Int(tag)), name)
        }
    }

    /// An absent vector is an empty one: writers may leave out either.
    private static func elements<T: FlatScalar>(
        _ table: FlatBufferTable
    ) throws(FlatBufferError) -> FlatVector<T> {
        try table.vector(0, "value") ?? FlatVector()
    }

    /// The union member's name in the .fbs file.
    public var word: String {
        switch self {
        case .int32: "ArrayInt"
        case .int64: "ArrayLong"
        case .double: "ArrayDouble"
        case .float: "ArrayFloat"
        }
    }

    /// A copy that outlives the message.
    public var owned: HS01.OwnedValues {
        switch self {
        case .int32(let values): .int32(values.array)
        case .int64(let values): .int64(values.array)
        case .double(let values): .double(values.array)
        case .float(let values): .float(values.array)
        }
    }

    /// Number of elements.
    public var count: Int {
        switch self {
        case .int32(let values): values.count
        case .int64(let values): values.count
        case .double(let values): values.count
        case .float(let values): values.count
        }
    }

    /// All elements as floating-point numbers.
    public var doubles: [Double] {
        switch self {
        case .int32(let values): values.map(Double.init)
        case .int64(let values): values.map(Double.init)
        case .double(let values): values.array
        case .float(let values): values.map(Double.init)
        }
    }

    func write(_ name: String, to json: inout JSONWriter) {
        json.field(name + "_type", word)
        switch self {
        case .int32(let values): json.field(name, elements: values)
        case .int64(let values): json.field(name, elements: values)
        case .double(let values): json.field(name, elements: values)
        case .float(let values): json.field(name, elements: values)
        }
    }
}

extension HS01.OwnedValues {
    /// Writes the union member's table and returns its tag too.
    func add(to builder: inout FlatBufferBuilder) -> (tag: UInt8, table: FlatOffset) {
        let (tag, elements): (UInt8, FlatOffset) =
            switch self {
            case .int32(let values): (1, builder.vector(values))
            case .int64(let values): (2, builder.vector(values))
            case .double(let values): (3, builder.vector(values))
            case .float(let values): (4, builder.vector(values))
            }
        builder.startTable(slots: 1)
        builder.add(0, elements)
        return (tag, builder.endTable())
    }

    /// Number of elements.
    public var count: Int {
        switch self {
        case .int32(let values): values.count
        case .int64(let values): values.count
        case .double(let values): values.count
        case .float(let values): values.count
        }
    }
}
