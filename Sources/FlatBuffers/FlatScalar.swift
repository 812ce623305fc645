#if _endian(big)
    #error("FlatBuffers are little-endian and are read in place: this module needs a little-endian machine")
#endif

/// A number as a FlatBuffer stores it: little-endian, without padding, any bit pattern valid.
///
/// `Bool` is deliberately not one: a byte other than 0 or 1 is not a Swift `Bool`; read it with `FlatBufferTable.bool`.
public protocol FlatScalar: BitwiseCopyable, Sendable, Equatable {}

extension Int8: FlatScalar {}
extension UInt8: FlatScalar {}
extension Int16: FlatScalar {}
extension UInt16: FlatScalar {}
extension Int32: FlatScalar {}
extension UInt32: FlatScalar {}
extension Int64: FlatScalar {}
extension UInt64: FlatScalar {}
extension Float: FlatScalar {}
extension Double: FlatScalar {}
