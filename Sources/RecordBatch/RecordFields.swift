/// Writes the fields of a record to memory that was sized with its `size` functions before.
struct RecordFields {
    var next: UnsafeMutableRawPointer

    /// Bytes of `value` as a zig-zag varint.
    @inline(__always)
    static func size(_ value: Int64) -> Int {
        let raw = zigZag(value)
        return (70 &- (raw | 1).leadingZeroBitCount) / 7
    }

    /// Bytes of `bytes` with their length in front.
    @inline(__always)
    static func size(_ bytes: UnsafeRawBufferPointer?) -> Int {
        guard let bytes else { return 1 }
        return size(Int64(bytes.count)) + bytes.count
    }

    @inline(__always)
    private static func zigZag(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value &<< 1) ^ (value >> 63)) }

    @inline(__always)
    mutating func write(byte: UInt8) {
        next.storeBytes(of: byte, as: UInt8.self)
        next += 1
    }

    /// Writes a zig-zag varint; for values of 32 bits VARINT and VARLONG are the same bytes.
    @inline(__always)
    mutating func write(_ value: Int64) {
        var rest = Self.zigZag(value)
        while rest >= 0x80 {
            write(byte: UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        write(byte: UInt8(truncatingIfNeeded: rest))
    }

    /// Writes a byte string with its length, -1 for nil.
    @inline(__always)
    mutating func write(_ bytes: UnsafeRawBufferPointer?) {
        guard let bytes else {
            write(-1)
            return
        }
        write(Int64(bytes.count))
        write(raw: bytes)
    }

    @inline(__always)
    mutating func write(raw bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        next.copyMemory(from: source, byteCount: bytes.count)
        next += bytes.count
    }
}
