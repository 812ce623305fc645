/// What a decoder found wrong, and where.
public struct DecodeError: Error, Equatable, CustomStringConvertible {
    /// What was being decoded, such as `string` or `array count`.
    public let what: String
    /// Bytes from the start of the input.
    public let position: Int

    /// An error about `what` at `position`.
    public init(_ what: String, at position: Int) {
        self.what = what
        self.position = position
    }

    public var description: String { "malformed \(what) at byte \(position)" }
}

/// A cursor over big-endian bytes that somebody else owns: every read is checked against the end.
///
/// A reader must not outlive the bytes it was made from. Reading past the end throws and leaves the position unspecified.
public struct ByteReader {
    @usableFromInline let bytes: UnsafeRawBufferPointer
    @usableFromInline var offset: Int

    /// A reader at the start of `bytes`.
    @inlinable
    public init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        self.offset = 0
    }

    /// Bytes consumed so far.
    @inlinable
    public var position: Int { offset }

    /// Bytes not yet consumed.
    @inlinable
    public var remaining: Int { bytes.count - position }

    /// Everything that was given to the reader.
    @inlinable
    public var allBytes: UnsafeRawBufferPointer { bytes }

    @inlinable
    mutating func advance(_ count: Int, _ what: StaticString) throws(DecodeError) -> Int {
        guard count >= 0, count <= bytes.count - position else {
            throw DecodeError("\(what)", at: position)
        }
        let start = offset
        offset = start &+ count
        return start
    }

    /// Skips `count` bytes.
    @inlinable
    public mutating func skip(_ count: Int) throws(DecodeError) {
        _ = try advance(count, "skipped bytes")
    }

    /// One byte, signed.
    @inlinable
    public mutating func int8() throws(DecodeError) -> Int8 {
        Int8(bitPattern: try uint8())
    }

    /// One byte, unsigned.
    @inlinable
    public mutating func uint8() throws(DecodeError) -> UInt8 {
        bytes[try advance(1, "int8")]
    }

    /// Two bytes, big-endian.
    @inlinable
    public mutating func int16() throws(DecodeError) -> Int16 {
        Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: try advance(2, "int16"), as: Int16.self))
    }

    /// Two bytes, big-endian, unsigned.
    @inlinable
    public mutating func uint16() throws(DecodeError) -> UInt16 {
        UInt16(bitPattern: try int16())
    }

    /// Four bytes, big-endian.
    @inlinable
    public mutating func int32() throws(DecodeError) -> Int32 {
        Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: try advance(4, "int32"), as: Int32.self))
    }

    /// Four bytes, big-endian, unsigned.
    @inlinable
    public mutating func uint32() throws(DecodeError) -> UInt32 {
        UInt32(bitPattern: try int32())
    }

    /// Eight bytes, big-endian.
    @inlinable
    public mutating func int64() throws(DecodeError) -> Int64 {
        Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: try advance(8, "int64"), as: Int64.self))
    }

    /// Eight bytes, big-endian IEEE 754.
    @inlinable
    public mutating func float64() throws(DecodeError) -> Double {
        Double(bitPattern: UInt64(bitPattern: try int64()))
    }

    /// A base-128 varint of at most 5 bytes (Kafka UNSIGNED_VARINT).
    @inlinable
    public mutating func unsignedVarint() throws(DecodeError) -> UInt32 {
        var value: UInt32 = 0
        var shift: UInt32 = 0
        while true {
            let byte = try uint8()
            guard shift < 28 || byte <= 0x0f else { throw DecodeError("varint", at: position) }
            value |= UInt32(byte & 0x7f) &<< shift
            if byte & 0x80 == 0 { return value }
            shift &+= 7
        }
    }

    /// A zig-zag varint of at most 5 bytes (Kafka VARINT).
    @inlinable
    public mutating func varint() throws(DecodeError) -> Int32 {
        let raw = try unsignedVarint()
        return Int32(bitPattern: (raw >> 1) ^ (0 &- (raw & 1)))
    }

    /// A zig-zag varint of at most 10 bytes (Kafka VARLONG).
    @inlinable
    public mutating func varlong() throws(DecodeError) -> Int64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try uint8()
            guard shift < 63 || byte <= 1 else { throw DecodeError("varlong", at: position) }
            value |= UInt64(byte & 0x7f) &<< shift
            if byte & 0x80 == 0 { return Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1))) }
            shift &+= 7
        }
    }

    /// The next `count` bytes, borrowed.
    @inlinable
    public mutating func view(_ count: Int) throws(DecodeError) -> UnsafeRawBufferPointer {
        let start = try advance(count, "bytes")
        return UnsafeRawBufferPointer(rebasing: bytes[start..<start &+ count])
    }

    /// The next `count` bytes as text; invalid UTF-8 throws.
    @inlinable
    public mutating func utf8(_ count: Int) throws(DecodeError) -> String {
        let start = position
        let view = try view(count)
        // Names are nearly always ASCII, which needs no validation and is copied as it is.
        if view.allSatisfy({ $0 < 0x80 }) {
            return String(unsafeUninitializedCapacity: count) { target in
                UnsafeMutableRawBufferPointer(target).copyMemory(from: view)
                return count
            }
        }
        guard let text = String(validating: view, as: UTF8.self) else {
            throw DecodeError("UTF-8 text", at: start)
        }
        return text
    }

    /// Sixteen bytes.
    @inlinable
    public mutating func uuid() throws(DecodeError) -> UUID {
        UUID(high: UInt64(bitPattern: try int64()), low: UInt64(bitPattern: try int64()))
    }
}
