/// A growing buffer of big-endian bytes, owned by whoever holds it.
public struct ByteWriter: ~Copyable {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    @usableFromInline var used: Int

    /// An empty buffer with room for `capacity` bytes.
    @inlinable
    public init(capacity: Int = 256) {
        precondition(capacity >= 0)
        self.capacity = max(capacity, 16)
        self.base = UnsafeMutableRawPointer.allocate(byteCount: self.capacity, alignment: 16)
        self.used = 0
    }

    /// Bytes written so far.
    @inlinable
    public var count: Int { used }

    @inlinable
    deinit {
        base.deallocate()
    }

    /// Makes room for `more` bytes beyond `count`.
    @inlinable
    public mutating func reserve(_ more: Int) {
        if capacity &- count < more { grow(more) }
    }

    @usableFromInline
    mutating func grow(_ more: Int) {
        let wanted = max(count + more, capacity * 2)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
        capacity = wanted
    }

    @inlinable
    mutating func store<T: BitwiseCopyable>(_ value: T) {
        reserve(MemoryLayout<T>.size)
        base.storeBytes(of: value, toByteOffset: count, as: T.self)
        used &+= MemoryLayout<T>.size
    }

    /// Appends one byte.
    @inlinable
    public mutating func int8(_ value: Int8) { store(value) }
    /// Appends one byte.
    @inlinable
    public mutating func uint8(_ value: UInt8) { store(value) }
    /// Appends two bytes.
    @inlinable
    public mutating func int16(_ value: Int16) { store(value.bigEndian) }
    /// Appends two bytes.
    @inlinable
    public mutating func uint16(_ value: UInt16) { store(value.bigEndian) }
    /// Appends four bytes.
    @inlinable
    public mutating func int32(_ value: Int32) { store(value.bigEndian) }
    /// Appends four bytes.
    @inlinable
    public mutating func uint32(_ value: UInt32) { store(value.bigEndian) }
    /// Appends eight bytes.
    @inlinable
    public mutating func int64(_ value: Int64) { store(value.bigEndian) }
    /// Appends eight bytes, IEEE 754.
    @inlinable
    public mutating func float64(_ value: Double) { store(value.bitPattern.bigEndian) }

    /// Appends a base-128 varint (Kafka UNSIGNED_VARINT).
    @inlinable
    public mutating func unsignedVarint(_ value: UInt32) {
        var rest = value
        while rest >= 0x80 {
            uint8(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        uint8(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a zig-zag varint (Kafka VARINT).
    @inlinable
    public mutating func varint(_ value: Int32) {
        unsignedVarint(UInt32(bitPattern: (value &<< 1) ^ (value >> 31)))
    }

    /// Appends a zig-zag varint of 64 bits (Kafka VARLONG).
    @inlinable
    public mutating func varlong(_ value: Int64) {
        var rest = UInt64(bitPattern: (value &<< 1) ^ (value >> 63))
        while rest >= 0x80 {
            uint8(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        uint8(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a copy of `bytes`.
    @inlinable
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        (base + count).copyMemory(from: source, byteCount: bytes.count)
        used &+= bytes.count
    }

    /// Appends a copy of `bytes`.
    @inlinable
    public mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// Appends the UTF-8 form of `text`, without a length.
    @inlinable
    public mutating func utf8(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends sixteen bytes.
    @inlinable
    public mutating func uuid(_ value: UUID) {
        int64(Int64(bitPattern: value.high))
        int64(Int64(bitPattern: value.low))
    }

    /// Appends `count` zero bytes.
    @inlinable
    public mutating func zeros(_ more: Int) {
        reserve(more)
        (base + count).initializeMemory(as: UInt8.self, repeating: 0, count: more)
        used &+= more
    }

    /// Overwrites four bytes at `offset`, which must have been written before.
    @inlinable
    public mutating func patchInt32(_ value: Int32, at offset: Int) {
        precondition(offset >= 0 && offset + 4 <= count)
        base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Int32.self)
    }

    /// Drops everything from `count` on.
    @inlinable
    public mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count)
        used = count
    }

    /// Drops the first `prefix` bytes and moves the rest to the front.
    @inlinable
    public mutating func removeFirst(_ prefix: Int) {
        precondition(prefix >= 0 && prefix <= count)
        memmoveDown(prefix)
    }

    @usableFromInline
    mutating func memmoveDown(_ prefix: Int) {
        base.copyMemory(from: base + prefix, byteCount: count - prefix)
        used -= prefix
    }

    /// Bytes that fit without growing.
    @inlinable
    public var allocated: Int { capacity }

    /// Lets `body` read what was written.
    @inlinable
    public borrowing func withBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Lets `body` change what was written, in place.
    @inlinable
    public mutating func withMutableBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeMutableRawBufferPointer(start: base, count: count))
    }

    /// Lets `body` fill up to `room` bytes behind `count`; it returns how many it filled.
    @inlinable
    public mutating func fill<E: Error>(
        room: Int, _ body: (UnsafeMutableRawBufferPointer) throws(E) -> Int
    ) throws(E) -> Int {
        reserve(room)
        let filled = try body(UnsafeMutableRawBufferPointer(start: base + count, count: room))
        precondition(filled >= 0 && filled <= room)
        used &+= filled
        return filled
    }

    /// A copy of what was written.
    @inlinable
    public var array: [UInt8] {
        [UInt8](UnsafeRawBufferPointer(start: base, count: count))
    }
}
