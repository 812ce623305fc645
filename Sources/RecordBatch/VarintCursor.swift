/// A cursor over the records of a batch whose reads never pass `end` and never throw: a bad read sets `failed` and
/// yields zero, so that the loop around it asks once a record.
struct VarintCursor {
    let bytes: UnsafeRawBufferPointer
    var position: Int
    var end: Int
    var failed = false

    init(_ bytes: UnsafeRawBufferPointer, from position: Int = 0) {
        self.bytes = bytes
        self.position = position
        self.end = bytes.count
    }

    /// The byte at `position`, and steps over it.
    @inline(__always)
    mutating func byte() -> UInt8 {
        guard position < end else {
            failed = true
            return 0
        }
        // The check above is the bound; `end` never exceeds `bytes.count`.
        let byte = bytes.load(fromByteOffset: position, as: UInt8.self)
        position &+= 1
        return byte
    }

    /// A zig-zag VARINT of at most 5 bytes.
    @inline(__always)
    mutating func varint() -> Int {
        let first = byte()
        if first < 0x80 { return Int(first >> 1) ^ (0 &- Int(first & 1)) }
        let raw = continued(UInt64(first & 0x7f), lastShift: 28, lastByteMax: 0x0f)
        return Int(bitPattern: UInt(raw >> 1)) ^ (0 &- Int(raw & 1))
    }

    /// A zig-zag VARLONG of at most 10 bytes.
    @inline(__always)
    mutating func varlong() -> Int64 {
        let first = byte()
        if first < 0x80 { return Int64(first >> 1) ^ (0 &- Int64(first & 1)) }
        let raw = continued(UInt64(first & 0x7f), lastShift: 63, lastByteMax: 1)
        return Int64(bitPattern: raw >> 1) ^ (0 &- Int64(raw & 1))
    }

    /// The value of a varint whose first seven bits are `start` and which goes on.
    @inline(__always)
    private mutating func continued(_ start: UInt64, lastShift: UInt64, lastByteMax: UInt8) -> UInt64 {
        var value = start
        var shift: UInt64 = 7
        while true {
            let next = byte()
            value |= UInt64(next & 0x7f) &<< shift
            if shift == lastShift {
                if next > lastByteMax { failed = true }
                return value
            }
            if next < 0x80 { return value }
            shift &+= 7
        }
    }

    /// Steps over a byte string of `length` bytes (-1: null).
    @inline(__always)
    mutating func skip(_ length: Int) {
        if length > 0 {
            if length <= end &- position { position &+= length } else { failed = true }
        } else if length < -1 {
            failed = true
        }
    }

    /// The next `length` bytes (-1: null) as a view.
    @inline(__always)
    mutating func view(_ length: Int) -> UnsafeRawBufferPointer? {
        let start = position
        skip(length)
        guard length >= 0, !failed else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<start &+ length])
    }
}
