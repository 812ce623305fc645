/// Memory of a fixed size that a measurement reads into and writes from.
final class Buffer: @unchecked Sendable {
    // Unchecked: each buffer is used by one thread at a time.
    let bytes: UnsafeMutableRawBufferPointer

    /// `count` bytes to read into.
    init(unfilled count: Int) {
        bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 4096)
    }

    /// `count` bytes that do not compress, the same in every run.
    convenience init(_ count: Int) {
        self.init(unfilled: count)
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        for index in 0..<count {
            // xorshift64: any sequence without repetitions does.
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            bytes[index] = UInt8(truncatingIfNeeded: state)
        }
    }

    deinit { bytes.deallocate() }

    /// The bytes, for reading.
    var readOnly: UnsafeRawBufferPointer { UnsafeRawBufferPointer(bytes) }
}
