import FlatBuffers

/// The kinds of numbers that a FlatBuffer holds.
public enum NumberType: Sendable, CaseIterable {
    case int8, uint8, int16, uint16, int32, uint32, int64, uint64, float32, float64

    /// The name for people, such as `int32`.
    public var word: String { "\(self)" }

    /// The type's name in a .fbs file.
    public var fbsName: String {
        switch self {
        case .int8: "byte"
        case .uint8: "ubyte"
        case .int16: "short"
        case .uint16: "ushort"
        case .int32: "int"
        case .uint32: "uint"
        case .int64: "long"
        case .uint64: "ulong"
        case .float32: "float"
        case .float64: "double"
        }
    }

    /// The Swift type of such a number.
    var type: any FlatNumber.Type {
        switch self {
        case .int8: Int8.self
        case .uint8: UInt8.self
        case .int16: Int16.self
        case .uint16: UInt16.self
        case .int32: Int32.self
        case .uint32: UInt32.self
        case .int64: Int64.self
        case .uint64: UInt64.self
        case .float32: Float.self
        case .float64: Double.self
        }
    }

    /// Bytes of one number.
    public var size: Int {
        switch self {
        case .int8, .uint8: 1
        case .int16, .uint16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64: 8
        }
    }
}

/// A number of a FlatBuffer that has a JSON form both ways.
protocol FlatNumber: FlatScalar, JSONValue {
    /// What JSON may hold in its place, for error messages.
    static var expectation: String { get }
    /// The number that a JSON value stands for; nil if it is none, or out of range.
    init?(json node: JSONNode)
    /// The number as a field's value.
    var fieldValue: FieldValue { get }
    /// The number, rounded if need be.
    var double: Double { get }
}

extension FlatNumber where Self: FixedWidthInteger {
    static var expectation: String { "a whole number from \(min) to \(max)" }

    init?(json node: JSONNode) {
        switch node {
        case .integer(let value): self.init(exactly: value)
        case .unsigned(let value): self.init(exactly: value)
        default: return nil
        }
    }

    var double: Double { Double(self) }

    var fieldValue: FieldValue {
        if let value = Int64(exactly: self) { .integer(value) } else { .unsigned(UInt64(truncatingIfNeeded: self)) }
    }
}

extension FlatNumber where Self: BinaryFloatingPoint {
    /// A number, or the texts that `JSONWriter` uses for what JSON lacks.
    init?(json node: JSONNode) {
        switch node {
        case .integer(let value): self.init(value)
        case .unsigned(let value): self.init(value)
        case .real(let value):
            self.init(value)
            // A number beyond the type's range becomes infinite: that was not meant.
            if !isFinite { return nil }
        case .text("NaN"): self = .nan
        case .text("Infinity"): self = .infinity
        case .text("-Infinity"): self = -.infinity
        default: return nil
        }
    }

    var double: Double { Double(self) }

    var fieldValue: FieldValue { .real(Double(self)) }
}

extension Int8: FlatNumber {}
extension UInt8: FlatNumber {}
extension Int16: FlatNumber {}
extension UInt16: FlatNumber {}
extension Int32: FlatNumber {}
extension UInt32: FlatNumber {}
extension Int64: FlatNumber {}
extension UInt64: FlatNumber {}

extension Float: FlatNumber {
    static var expectation: String { "a number up to 3.4e38, \"NaN\", \"Infinity\" or \"-Infinity\"" }
}

extension Double: FlatNumber {
    static var expectation: String { "a number, \"NaN\", \"Infinity\" or \"-Infinity\"" }
}
