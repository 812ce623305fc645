/// The newest offset of each key of a part of a log, in memory of a fixed bound.
///
/// Keys are known by 128 bits of two keyed hashes (SipHash with a key of this process): nobody can choose keys that
/// fall together, and by chance two of 10^9 do so with a probability of 10^-21.
struct KeyOffsets: ~Copyable {
    private struct Slot {
        var high: UInt64
        var low: UInt64
        /// -1: empty.
        var offset: Int64
    }

    /// Bytes of a slot.
    static let slotBytes = MemoryLayout<Slot>.stride
    private static let countMin = 1024

    private var slots: UnsafeMutableBufferPointer<Slot>
    private let slotsMax: Int
    /// Keys so far.
    private(set) var count = 0

    /// An empty table that takes at most `bytesMax`.
    init(bytesMax: Int) {
        slotsMax = max(Self.countMin, bytesMax / Self.slotBytes)
        slots = Self.make(Self.countMin)
    }

    deinit { slots.deallocate() }

    private static func make(_ count: Int) -> UnsafeMutableBufferPointer<Slot> {
        let slots = UnsafeMutableBufferPointer<Slot>.allocate(capacity: count)
        slots.initialize(repeating: Slot(high: 0, low: 0, offset: -1))
        return slots
    }

    /// Whether another key fits. Three quarters of the slots are used.
    private var hasRoom: Bool { count < slots.count / 4 * 3 }

    /// Remembers the offset of a key. False when the table is full and the key is new.
    ///
    /// - Parameter mayGrow: whether the table may become larger than its bound.
    mutating func put(_ key: UnsafeRawBufferPointer, _ offset: Int64, mayGrow: Bool = false) -> Bool {
        let hash = Self.hash(key)
        var index = find(hash)
        if slots[index].offset < 0 {
            if !hasRoom {
                guard slots.count * 2 <= slotsMax || mayGrow else { return false }
                grow()
                index = find(hash)
            }
            count += 1
        }
        slots[index] = Slot(high: hash.0, low: hash.1, offset: offset)
        return true
    }

    /// The newest offset of a key; nil when it was not seen.
    func offset(of key: UnsafeRawBufferPointer) -> Int64? {
        let slot = slots[find(Self.hash(key))]
        return slot.offset < 0 ? nil : slot.offset
    }

    /// The slot of a hash, or the empty one where it would go.
    private func find(_ hash: (UInt64, UInt64)) -> Int {
        // The number of slots is a power of two.
        var index = Int(truncatingIfNeeded: hash.1) & (slots.count - 1)
        while slots[index].offset >= 0, slots[index].high != hash.0 || slots[index].low != hash.1 {
            index = (index + 1) & (slots.count - 1)
        }
        return index
    }

    private mutating func grow() {
        let old = slots
        slots = Self.make(old.count * 2)
        for slot in old where slot.offset >= 0 { slots[find((slot.high, slot.low))] = slot }
        old.deallocate()
    }

    private static func hash(_ key: UnsafeRawBufferPointer) -> (UInt64, UInt64) {
        var first = Hasher()
        first.combine(UInt8(1))
        first.combine(bytes: key)
        var second = Hasher()
        second.combine(UInt8(2))
        second.combine(bytes: key)
        return (UInt64(bitPattern: Int64(first.finalize())), UInt64(bitPattern: Int64(second.finalize())))
    }
}
