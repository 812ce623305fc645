/// The place of a finished string, vector or table: bytes from the end of the buffer, which grows to the front.
public struct FlatOffset: Sendable, Equatable {
    @usableFromInline let distance: UInt32

    @inlinable
    init(_ distance: UInt32) { self.distance = distance }
}

/// Writes a FlatBuffer from back to front into memory that it keeps for the next one.
///
/// Strings, vectors and sub-tables first, then `startTable`, `add` for each field that is present (the widest first
/// wastes the least padding), `endTable`, and `finish`. Every scalar given to `add` is written, defaults too: readers
/// take both forms. Starting a table inside another, or using a slot that was not announced, is a programmer error.
/// A buffer may be as large as 2^31 - 1 bytes (`bytesMaximum`), FlatBuffers' own limit.
public struct FlatBufferBuilder: ~Copyable {
    /// FlatBuffers' own limit.
    public static let bytesMaximum = Int(Int32.max)
    /// The most slots that a table may have here.
    public static let slotsMaximum = 64
    /// The most vtables that are kept to be shared; tables that are laid out otherwise get their own.
    @usableFromInline static let sharedMaximum = 64
    /// The widest scalar has 8 bytes: a finished buffer is a multiple of it, and starts at a multiple of it.
    @usableFromInline static let alignment = 8

    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    @usableFromInline var head: Int
    @usableFromInline let slots: UnsafeMutablePointer<UInt32>
    @usableFromInline var slotCount = -1
    @usableFromInline var tableStart = 0
    @usableFromInline let virtualTables: UnsafeMutablePointer<UInt32>
    @usableFromInline var virtualTableCount = 0
    @usableFromInline var isFinished = false

    /// An empty buffer with room for `capacity` bytes; it grows as needed.
    @inlinable
    public init(capacity: Int = 1024) {
        precondition(capacity >= 0 && capacity <= Self.bytesMaximum)
        self.capacity = max((capacity + 15) & ~15, 64)
        self.base = UnsafeMutableRawPointer.allocate(byteCount: self.capacity, alignment: 16)
        self.head = self.capacity
        self.slots = UnsafeMutablePointer<UInt32>.allocate(capacity: Self.slotsMaximum)
        self.virtualTables = UnsafeMutablePointer<UInt32>.allocate(capacity: Self.sharedMaximum)
    }

    @inlinable
    deinit {
        base.deallocate()
        slots.deallocate()
        virtualTables.deallocate()
    }

    /// Bytes written so far.
    @inlinable
    public var count: Int { capacity &- head }

    /// Forgets what was written and keeps the memory.
    @inlinable
    public mutating func reset() {
        head = capacity
        slotCount = -1
        virtualTableCount = 0
        isFinished = false
    }

    /// Makes room for `more` bytes in front, so that a large message grows the buffer only once.
    @inlinable
    public mutating func reserve(_ more: Int) {
        if head < more { grow(more) }
    }

    @inline(never)
    @usableFromInline
    mutating func grow(_ more: Int) {
        let used = count
        precondition(more >= 0 && more <= Self.bytesMaximum - used, "a FlatBuffer cannot exceed 2^31 - 1 bytes")
        let wanted = (max(used + more, 2 * capacity) + 15) & ~15
        let larger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
        (larger + (wanted - used)).copyMemory(from: base + head, byteCount: used)
        base.deallocate()
        base = larger
        capacity = wanted
        head = wanted - used
    }

    /// Pads so that, once `size` more bytes stand in front, the front is a multiple of `alignment` from the end.
    @inlinable
    mutating func align(_ alignment: Int, before size: Int) {
        reserve(size &+ Self.alignment)
        // Zeros for the most padding that there can be: one store, and what is not padding is overwritten.
        base.storeBytes(of: 0, toByteOffset: head &- Self.alignment, as: UInt64.self)
        head &-= (0 &- (count &+ size)) & (alignment &- 1)
    }

    @inlinable
    mutating func push<T: BitwiseCopyable>(_ value: T) {
        align(MemoryLayout<T>.size, before: MemoryLayout<T>.size)
        head &-= MemoryLayout<T>.size
        base.storeBytes(of: value, toByteOffset: head, as: T.self)
    }

    @inlinable
    mutating func push(_ source: UnsafeRawBufferPointer) {
        head &-= source.count
        if let start = source.baseAddress { (base + head).copyMemory(from: start, byteCount: source.count) }
    }

    // MARK: - Strings and vectors

    /// Writes the UTF-8 bytes `utf8` as a string.
    @inlinable
    public mutating func string(utf8: UnsafeRawBufferPointer) -> FlatOffset {
        precondition(slotCount < 0 && !isFinished, "strings come before their table")
        align(4, before: utf8.count &+ 1)
        head &-= 1
        base.storeBytes(of: 0, toByteOffset: head, as: UInt8.self)
        push(utf8)
        push(UInt32(utf8.count))
        return FlatOffset(UInt32(truncatingIfNeeded: count))
    }

    /// Writes `text` as a string.
    @inlinable
    public mutating func string(_ text: String) -> FlatOffset {
        var text = text
        return text.withUTF8 { string(utf8: UnsafeRawBufferPointer($0)) }
    }

    /// Writes `text` as a string unless it is nil.
    @inlinable
    public mutating func string(_ text: String?) -> FlatOffset? {
        guard let text else { return nil }
        return string(text) as FlatOffset
    }

    /// Writes a vector of scalars with one copy.
    @inlinable
    public mutating func vector<T: FlatScalar>(_ elements: UnsafeBufferPointer<T>) -> FlatOffset {
        precondition(slotCount < 0 && !isFinished, "vectors come before their table")
        let bytes = UnsafeRawBufferPointer(elements)
        align(max(MemoryLayout<T>.alignment, 4), before: bytes.count)
        push(bytes)
        push(UInt32(elements.count))
        return FlatOffset(UInt32(truncatingIfNeeded: count))
    }

    /// Writes a vector of scalars with one copy.
    @inlinable
    public mutating func vector<T: FlatScalar>(_ elements: [T]) -> FlatOffset {
        elements.withUnsafeBufferPointer { vector($0) }
    }

    /// Writes a vector of strings.
    public mutating func vector(_ texts: [String]) -> FlatOffset {
        var offsets: [FlatOffset] = []
        for text in texts { offsets.append(string(text)) }
        return vector(offsets)
    }

    /// Writes a vector of the tables or strings at `offsets`.
    @inlinable
    public mutating func vector(_ offsets: [FlatOffset]) -> FlatOffset {
        precondition(slotCount < 0 && !isFinished, "vectors come before their table")
        align(4, before: 4 * offsets.count)
        for offset in offsets.reversed() { push(relative(offset)) }
        push(UInt32(offsets.count))
        return FlatOffset(UInt32(truncatingIfNeeded: count))
    }

    /// What to store in the next four bytes so that they point at `offset`.
    @inlinable
    mutating func relative(_ offset: FlatOffset) -> UInt32 {
        align(4, before: 4)
        precondition(offset.distance > 0 && Int(offset.distance) <= count, "an offset of another buffer")
        return UInt32(truncatingIfNeeded: count &+ 4) &- offset.distance
    }

    // MARK: - Tables

    /// Begins a table of `slots` fields.
    @inlinable
    public mutating func startTable(slots count: Int) {
        precondition(slotCount < 0 && !isFinished, "tables do not nest: finish the inner one first")
        precondition(count >= 0 && count <= Self.slotsMaximum)
        slotCount = count
        slots.initialize(repeating: 0, count: count)
        tableStart = self.count
    }

    /// Stores a number in `slot`.
    @inlinable
    public mutating func add<T: FlatScalar>(_ slot: Int, _ value: T) {
        precondition(slot >= 0 && slot < slotCount, "slot outside the table")
        push(value)
        slots[slot] = UInt32(truncatingIfNeeded: count)
    }

    /// Stores a number in `slot`, unless it is nil.
    @inlinable
    public mutating func add<T: FlatScalar>(_ slot: Int, ifPresent value: T?) {
        if let value { add(slot, value) }
    }

    /// Stores a truth value in `slot`.
    @inlinable
    public mutating func add(_ slot: Int, _ value: Bool) {
        add(slot, UInt8(value ? 1 : 0))
    }

    /// Stores a struct in `slot`: its bytes with the padding of its schema, which is `alignment` bytes at most.
    @inlinable
    public mutating func add(_ slot: Int, structure bytes: [UInt8], alignment: Int) {
        precondition(slot >= 0 && slot < slotCount, "slot outside the table")
        align(alignment, before: bytes.count)
        bytes.withUnsafeBytes { push($0) }
        slots[slot] = UInt32(truncatingIfNeeded: count)
    }

    /// Points `slot` at a string, vector or table.
    @inlinable
    public mutating func add(_ slot: Int, _ offset: FlatOffset) {
        precondition(slot >= 0 && slot < slotCount, "slot outside the table")
        push(relative(offset))
        slots[slot] = UInt32(truncatingIfNeeded: count)
    }

    /// Points `slot` at a string, vector or table, unless it is nil.
    @inlinable
    public mutating func add(_ slot: Int, ifPresent offset: FlatOffset?) {
        if let offset { add(slot, offset) }
    }

    /// Stores a union: its tag in `slot`, its table in the slot behind.
    @inlinable
    public mutating func addUnion(_ slot: Int, tag: UInt8, _ table: FlatOffset) {
        add(slot &+ 1, table)
        add(slot, tag)
    }

    /// Ends the table and shares the vtable of an earlier one that is laid out alike.
    @inlinable
    public mutating func endTable() -> FlatOffset {
        precondition(slotCount >= 0, "no table was started")
        push(Int32(0))
        let table = count
        precondition(table &- tableStart <= Int(UInt16.max))
        let size = pushVirtualTable(of: table)
        slotCount = -1
        let virtualTable = sharedVirtualTable(size: size) ?? count
        if virtualTable != count {
            head = capacity &- table
        } else if virtualTableCount < Self.sharedMaximum {
            virtualTables[virtualTableCount] = UInt32(truncatingIfNeeded: virtualTable)
            virtualTableCount &+= 1
        }
        base.storeBytes(
            of: Int32(truncatingIfNeeded: virtualTable &- table), toByteOffset: capacity &- table, as: Int32.self)
        return FlatOffset(UInt32(truncatingIfNeeded: table))
    }

    /// Writes the vtable of the table that was just written at the front, and returns its size.
    @inlinable
    mutating func pushVirtualTable(of table: Int) -> Int {
        var used = slotCount
        while used > 0, slots[used &- 1] == 0 { used &-= 1 }
        let size = 2 &* used &+ 4
        reserve(size)
        head &-= size
        base.storeBytes(of: UInt16(truncatingIfNeeded: size), toByteOffset: head, as: UInt16.self)
        base.storeBytes(of: UInt16(truncatingIfNeeded: table &- tableStart), toByteOffset: head &+ 2, as: UInt16.self)
        for slot in 0..<used {
            let distance = slots[slot] == 0 ? 0 : table &- Int(slots[slot])
            base.storeBytes(
                of: UInt16(truncatingIfNeeded: distance), toByteOffset: head &+ 4 &+ 2 &* slot, as: UInt16.self)
        }
        return size
    }

    /// The earlier vtable with the same bytes as the one that was just written at the front.
    @inlinable
    func sharedVirtualTable(size: Int) -> Int? {
        let new = base + head
        for index in 0..<virtualTableCount {
            let distance = Int(virtualTables[index])
            let old = base + (capacity &- distance)
            // A vtable begins with its size: a shorter one differs there, and nothing behind it is read.
            var byte = 0
            while byte < size,
                old.loadUnaligned(fromByteOffset: byte, as: UInt16.self)
                    == new.loadUnaligned(fromByteOffset: byte, as: UInt16.self)
            { byte &+= 2 }
            if byte == size { return distance }
        }
        return nil
    }

    // MARK: - The whole

    /// Writes the root offset and the file identifier (four ASCII characters): the buffer is complete.
    @inlinable
    public mutating func finish(_ root: FlatOffset, identifier: String) {
        precondition(slotCount < 0 && !isFinished, "finish once, after the root table")
        align(Self.alignment, before: 8)
        push(FlatIdentifier.code(identifier))
        push(relative(root))
        isFinished = true
    }

    /// Lets `body` read the finished buffer.
    @inlinable
    public borrowing func withBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        precondition(isFinished, "the buffer is not finished")
        return try body(UnsafeRawBufferPointer(start: base + head, count: count))
    }

    /// The buffer that `body` writes and finishes.
    @inlinable
    public static func bytes<E: Error>(
        _ body: (inout FlatBufferBuilder) throws(E) -> Void
    ) throws(E) -> [UInt8] {
        var builder = FlatBufferBuilder()
        try body(&builder)
        return builder.array
    }

    /// A copy of the finished buffer.
    @inlinable
    public var array: [UInt8] {
        precondition(isFinished, "the buffer is not finished")
        return [UInt8](UnsafeRawBufferPointer(start: base + head, count: count))
    }
}
