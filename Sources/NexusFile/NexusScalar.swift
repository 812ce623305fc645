import CHDF5

/// A number as HDF5 stores it: the integers of 8 to 64 bits, and the two floating-point types.
public protocol NexusScalar: BitwiseCopyable, Sendable {
    /// HDF5's identifier of this type in memory, which is also how it is stored (little-endian machines).
    static var nativeType: Int64 { get }
    /// The type's name in NeXus structures.
    static var nexusType: NexusType { get }
    /// Zero.
    init()
    /// The value nearest to a real number: cut to the range, 0 for "not a number" in an integer type.
    init(nearest value: Double)
    /// The value nearest to a signed integer, cut to the range.
    init(nearest value: Int64)
    /// The value nearest to an unsigned integer, cut to the range.
    init(nearest value: UInt64)
    /// The value as a real number.
    var real: Double { get }
}

extension NexusScalar where Self: FixedWidthInteger {
    public init(nearest value: Double) {
        if value.isNaN {
            self = 0
        } else if let exact = Self(exactly: value.rounded()) {
            self = exact
        } else {
            self = value < 0 ? .min : .max
        }
    }

    public init(nearest value: Int64) { self.init(clamping: value) }
    public init(nearest value: UInt64) { self.init(clamping: value) }
    public var real: Double { Double(self) }
}

extension NexusScalar where Self: BinaryFloatingPoint {
    public init(nearest value: Double) { self.init(value) }
    public init(nearest value: Int64) { self.init(value) }
    public init(nearest value: UInt64) { self.init(value) }
    public var real: Double { Double(self) }
}

extension Int8: NexusScalar {
    public static var nativeType: Int64 { nx_native_int8() }
    public static var nexusType: NexusType { .int8 }
}
extension UInt8: NexusScalar {
    public static var nativeType: Int64 { nx_native_uint8() }
    public static var nexusType: NexusType { .uint8 }
}
extension Int16: NexusScalar {
    public static var nativeType: Int64 { nx_native_int16() }
    public static var nexusType: NexusType { .int16 }
}
extension UInt16: NexusScalar {
    public static var nativeType: Int64 { nx_native_uint16() }
    public static var nexusType: NexusType { .uint16 }
}
extension Int32: NexusScalar {
    public static var nativeType: Int64 { nx_native_int32() }
    public static var nexusType: NexusType { .int32 }
}
extension UInt32: NexusScalar {
    public static var nativeType: Int64 { nx_native_uint32() }
    public static var nexusType: NexusType { .uint32 }
}
extension Int64: NexusScalar {
    public static var nativeType: Int64 { nx_native_int64() }
    public static var nexusType: NexusType { .int64 }
}
extension UInt64: NexusScalar {
    public static var nativeType: Int64 { nx_native_uint64() }
    public static var nexusType: NexusType { .uint64 }
}
extension Float: NexusScalar {
    public static var nativeType: Int64 { nx_native_float() }
    public static var nexusType: NexusType { .float }
}
extension Double: NexusScalar {
    public static var nativeType: Int64 { nx_native_double() }
    public static var nexusType: NexusType { .double }
}
