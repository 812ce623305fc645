import FlatBuffers

extension F144 {
    /// A value as the message holds it; arrays are read in place.
    public enum Value {
        case int8(Int8)
        case uint8(UInt8)
        case int16(Int16)
        case uint16(UInt16)
        case int32(Int32)
        case uint32(UInt32)
        case int64(Int64)
        case uint64(UInt64)
        case float(Float)
        case double(Double)
        case int8Array(FlatVector<Int8>)
        case uint8Array(FlatVector<UInt8>)
        case int16Array(FlatVector<Int16>)
        case uint16Array(FlatVector<UInt16>)
        case int32Array(FlatVector<Int32>)
        case uint32Array(FlatVector<UInt32>)
        case int64Array(FlatVector<Int64>)
        case uint64Array(FlatVector<UInt64>)
        case floatArray(FlatVector<Float>)
        case doubleArray(FlatVector<Double>)
    }

    /// A value to encode, or one that outlives its message.
    public enum OwnedValue: Sendable, Equatable {
        case int8(Int8)
        case uint8(UInt8)
        case int16(Int16)
        case uint16(UInt16)
        case int32(Int32)
        case uint32(UInt32)
        case int64(Int64)
        case uint64(UInt64)
        case float(Float)
        case double(Double)
        case int8Array([Int8])
        case uint8Array([UInt8])
        case int16Array([Int16])
        case uint16Array([UInt16])
        case int32Array([Int32])
        case uint32Array([UInt32])
        case int64Array([Int64])
        case uint64Array([UInt64])
        case floatArray([Float])
        case doubleArray([Double])
    }
}

extension F144.Value {
    /// The value in the union member `table`, whose tag is `tag`.
    @inlinable
    init(tag: UInt8, _ table: FlatBufferTable) throws(FlatBufferError) {
        switch tag {
        case 1: self = .int8(try table.scalar(0, "value", default: 0))
        case 2: self = .uint8(try table.scalar(0, "value", default: 0))
        case 3: self = .int16(try table.scalar(0, "value", default: 0))
        case 4: self = .uint16(try table.scalar(0, "value", default: 0))
        case 5: self = .int32(try table.scalar(0, "value", default: 0))
        case 6: self = .uint32(try table.scalar(0, "value", default: 0))
        case 7: self = .int64(try table.scalar(0, "value", default: 0))
        case 8: self = .uint64(try table.scalar(0, "value", default: 0))
        case 9: self = .float(try table.scalar(0, "value", default: 0))
        case 10: self = .double(try table.scalar(0, "value", default: 0))
        case 11: self = .int8Array(try Self.elements(table))
        case 12: self = .uint8Array(try Self.elements(table))
        case 13: self = .int16Array(try Self.elements(table))
        case 14: self = .uint16Array(try Self.elements(table))
        case 15: self = .int32Array(try Self.elements(table))
        case 16: self = .uint32Array(try Self.elements(table))
        case 17: self = .int64Array(try Self.elements(table))
        case 18: self = .uint64Array(try Self.elements(table))
        case 19: self = .floatArray(try Self.elements(table))
        case 20: self = .doubleArray(try Self.elements(table))
        default: throw table.failure(.unknownValue(Int(tag)), "value_type")
        }
    }

    /// An absent vector is an empty one: writers may leave out either.
    @inlinable
    static func elements<T: FlatScalar>(_ table: FlatBufferTable) throws(FlatBufferError) -> FlatVector<T> {
        try table.vector(0, "value") ?? FlatVector()
    }

    /// The union member's name in the .fbs file.
    public var word: String {
        switch self {
        case .int8: "Byte"
        case .uint8: "UByte"
        case .int16: "Short"
        case .uint16: "UShort"
        case .int32: "Int"
        case .uint32: "UInt"
        case .int64: "Long"
        case .uint64: "ULong"
        case .float: "Float"
        case .double: "Double"
        case .int8Array: "ArrayByte"
        case .uint8Array: "ArrayUByte"
        case .int16Array: "ArrayShort"
        case .uint16Array: "ArrayUShort"
        case .int32Array: "ArrayInt"
        case .uint32Array: "ArrayUInt"
        case .int64Array: "ArrayLong"
        case .uint64Array: "ArrayULong"
        case .floatArray: "ArrayFloat"
        case .doubleArray: "ArrayDouble"
        }
    }

    /// A copy that outlives the message.
    public var owned: F144.OwnedValue {
        switch self {
        case .int8(let value): .int8(value)
        case .uint8(let value): .uint8(value)
        case .int16(let value): .int16(value)
        case .uint16(let value): .uint16(value)
        case .int32(let value): .int32(value)
        case .uint32(let value): .uint32(value)
        case .int64(let value): .int64(value)
        case .uint64(let value): .uint64(value)
        case .float(let value): .float(value)
        case .double(let value): .double(value)
        case .int8Array(let value): .int8Array(value.array)
        case .uint8Array(let value): .uint8Array(value.array)
        case .int16Array(let value): .int16Array(value.array)
        case .uint16Array(let value): .uint16Array(value.array)
        case .int32Array(let value): .int32Array(value.array)
        case .uint32Array(let value): .uint32Array(value.array)
        case .int64Array(let value): .int64Array(value.array)
        case .uint64Array(let value): .uint64Array(value.array)
        case .floatArray(let value): .floatArray(value.array)
        case .doubleArray(let value): .doubleArray(value.array)
        }
    }

    /// The value as a floating-point number (64-bit integers are rounded); nil for arrays.
    public var double: Double? {
        switch self {
        case .int8(let value): Double(value)
        case .uint8(let value): Double(value)
        case .int16(let value): Double(value)
        case .uint16(let value): Double(value)
        case .int32(let value): Double(value)
        case .uint32(let value): Double(value)
        case .int64(let value): Double(value)
        case .uint64(let value): Double(value)
        case .float(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    /// Number of elements; 1 for a scalar.
    public var count: Int {
        switch self {
        case .int8Array(let value): value.count
        case .uint8Array(let value): value.count
        case .int16Array(let value): value.count
        case .uint16Array(let value): value.count
        case .int32Array(let value): value.count
        case .uint32Array(let value): value.count
        case .int64Array(let value): value.count
        case .uint64Array(let value): value.count
        case .floatArray(let value): value.count
        case .doubleArray(let value): value.count
        default: 1
        }
    }

    /// The value in short, for a line: of an array its first elements.
    var shown: String {
        var short = JSONWriter(arrays: .shortened(4))
        short.object { write(to: &$0) }
        return String(short.text.dropFirst(#"{"value":"#.count).dropLast())
    }

    /// Writes the member `value`: a number, or an array as long as the writer allows with its length in `value_count`.
    public func write(to json: inout JSONWriter) {
        switch self {
        case .int8(let value): json.field("value", value)
        case .uint8(let value): json.field("value", value)
        case .int16(let value): json.field("value", value)
        case .uint16(let value): json.field("value", value)
        case .int32(let value): json.field("value", value)
        case .uint32(let value): json.field("value", value)
        case .int64(let value): json.field("value", value)
        case .uint64(let value): json.field("value", value)
        case .float(let value): json.field("value", value)
        case .double(let value): json.field("value", value)
        case .int8Array(let value): json.field("value", elements: value)
        case .uint8Array(let value): json.field("value", elements: value)
        case .int16Array(let value): json.field("value", elements: value)
        case .uint16Array(let value): json.field("value", elements: value)
        case .int32Array(let value): json.field("value", elements: value)
        case .uint32Array(let value): json.field("value", elements: value)
        case .int64Array(let value): json.field("value", elements: value)
        case .uint64Array(let value): json.field("value", elements: value)
        case .floatArray(let value): json.field("value", elements: value)
        case .doubleArray(let value): json.field("value", elements: value)
        }
    }
}

extension F144.OwnedValue {
    /// Writes the union member's table and returns its tag too.
    @inlinable
    func add(to builder: inout FlatBufferBuilder) -> (tag: UInt8, table: FlatOffset) {
        switch self {
        case .int8(let value): (1, Self.table(value, &builder))
        case .uint8(let value): (2, Self.table(value, &builder))
        case .int16(let value): (3, Self.table(value, &builder))
        case .uint16(let value): (4, Self.table(value, &builder))
        case .int32(let value): (5, Self.table(value, &builder))
        case .uint32(let value): (6, Self.table(value, &builder))
        case .int64(let value): (7, Self.table(value, &builder))
        case .uint64(let value): (8, Self.table(value, &builder))
        case .float(let value): (9, Self.table(value, &builder))
        case .double(let value): (10, Self.table(value, &builder))
        case .int8Array(let value): (11, Self.table(value, &builder))
        case .uint8Array(let value): (12, Self.table(value, &builder))
        case .int16Array(let value): (13, Self.table(value, &builder))
        case .uint16Array(let value): (14, Self.table(value, &builder))
        case .int32Array(let value): (15, Self.table(value, &builder))
        case .uint32Array(let value): (16, Self.table(value, &builder))
        case .int64Array(let value): (17, Self.table(value, &builder))
        case .uint64Array(let value): (18, Self.table(value, &builder))
        case .floatArray(let value): (19, Self.table(value, &builder))
        case .doubleArray(let value): (20, Self.table(value, &builder))
        }
    }

    @inlinable
    static func table<T: FlatScalar>(_ value: T, _ builder: inout FlatBufferBuilder) -> FlatOffset {
        builder.startTable(slots: 1)
        builder.add(0, value)
        return builder.endTable()
    }

    @inlinable
    static func table<T: FlatScalar>(_ value: [T], _ builder: inout FlatBufferBuilder) -> FlatOffset {
        let elements = builder.vector(value)
        builder.startTable(slots: 1)
        builder.add(0, elements)
        return builder.endTable()
    }
}
