/// A table inside a FlatBuffer, read in place; every access is checked against the buffer.
///
/// ```
/// buffer:  u32 offset of the root table | 4-byte file identifier | ...
/// table:   i32 distance back to its vtable | inline fields ...
/// vtable:  u16 its own size | u16 the table's size | u16 offset of field 0 in the table (0: absent) | ...
/// offset:  u32, forwards from where it stands;  vector: u32 count | elements;  string: a vector of bytes
/// ```
/// Source: flatbuffers.dev, "FlatBuffer Internals". Nothing here traps or reads outside the buffer, whatever the bytes
/// are. Alignment and the NUL behind strings are not required. A table must not outlive its buffer.
public struct FlatBufferTable {
    /// Tables may be nested this deep, the root being the first.
    public static let depthMaximum = 64
    /// The most tables that one vector may hold.
    public static let tablesMaximum = 1_000_000

    @usableFromInline let base: UnsafeRawPointer
    /// Length of the whole buffer.
    public let bufferCount: Int
    /// Bytes from the start of the buffer to the table.
    public let position: Int
    @usableFromInline let virtualTable: Int
    @usableFromInline let virtualTableSize: Int
    @usableFromInline let depth: Int

    /// The root table of `buffer`, whose file identifier must be `identifier` (four ASCII characters).
    @inline(__always)
    @inlinable
    public init(root buffer: UnsafeRawBufferPointer, identifier: String) throws(FlatBufferError) {
        // Inlined, so that the identifier of a schema is a constant here and not a string to walk through.
        guard let base = buffer.baseAddress, buffer.count >= 8 else { try Self.failTooShort(buffer.count) }
        guard base.loadUnaligned(fromByteOffset: 4, as: UInt32.self) == FlatIdentifier.code(identifier) else {
            try Self.failIdentifier(buffer, expected: identifier)
        }
        let root = Int(base.loadUnaligned(as: UInt32.self))
        try self.init(base, buffer.count, position: root, depth: 1, "root", from: 0)
    }

    @inlinable
    init(
        _ base: UnsafeRawPointer, _ count: Int, position: Int, depth: Int, _ name: StaticString, from origin: Int
    ) throws(FlatBufferError) {
        guard depth <= Self.depthMaximum else { throw Self.failure(.depth, name, origin) }
        guard position <= count &- 4 else { try Self.failOutside(name, origin) }
        let virtualTable = position &- Int(base.loadUnaligned(fromByteOffset: position, as: Int32.self))
        guard virtualTable >= 0, virtualTable <= count &- 4 else { try Self.failOutside(name, position) }
        let size = Int(base.loadUnaligned(fromByteOffset: virtualTable, as: UInt16.self))
        guard size >= 4, size & 1 == 0, size <= count &- virtualTable else {
            throw Self.failure(.virtualTable, name, virtualTable)
        }
        self.base = base
        self.bufferCount = count
        self.position = position
        self.virtualTable = virtualTable
        self.virtualTableSize = size
        self.depth = depth
    }

    // MARK: - Errors

    // What goes wrong is kept out of line, so that what goes right stays short.

    @inline(never)
    @usableFromInline
    static func failure(_ reason: FlatBufferError.Reason, _ name: StaticString, _ position: Int) -> FlatBufferError {
        FlatBufferError(reason, field: "\(name)", position: position)
    }

    @inline(never)
    @usableFromInline
    static func failOutside(_ name: StaticString, _ position: Int) throws(FlatBufferError) -> Never {
        throw failure(.outside, name, position)
    }

    @inline(never)
    @usableFromInline
    static func failTooShort(_ count: Int) throws(FlatBufferError) -> Never {
        throw failure(.tooShort(count: count), "root", 0)
    }

    @inline(never)
    @usableFromInline
    static func failIdentifier(
        _ bytes: UnsafeRawBufferPointer, expected: String
    ) throws(FlatBufferError) -> Never {
        throw failure(.identifier(expected: expected, found: identifier(of: bytes)), "root", 4)
    }

    @inline(never)
    @usableFromInline
    func failMissing(_ name: StaticString) throws(FlatBufferError) -> Never { throw failure(.missing, name) }

    /// An error about this table's field `name`, for checks that only its schema can make.
    public func failure(_ reason: FlatBufferError.Reason, _ name: StaticString) -> FlatBufferError {
        Self.failure(reason, name, position)
    }

    /// The file identifier of `buffer`: bytes 4 to 7 if there are so many and they are printable ASCII.
    public static func identifier(of buffer: UnsafeRawBufferPointer) -> String? {
        guard buffer.count >= 8 else { return nil }
        let characters = buffer[4..<8]
        guard characters.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        return String(decoding: characters, as: UTF8.self)
    }

    // MARK: - Where a field is

    @inlinable
    func load<T: FlatScalar>(_ position: Int, as type: T.Type = T.self) -> T {
        base.loadUnaligned(fromByteOffset: position, as: T.self)
    }

    @inlinable
    func inlinePosition(_ slot: Int, size: Int, _ name: StaticString) throws(FlatBufferError) -> Int? {
        let entry = 4 &+ 2 &* slot
        guard entry &+ 2 <= virtualTableSize else { return nil }
        let offset = Int(load(virtualTable &+ entry, as: UInt16.self))
        guard offset != 0 else { return nil }
        guard position &+ offset <= bufferCount &- size else { try Self.failOutside(name, virtualTable &+ entry) }
        return position &+ offset
    }

    @inlinable
    func target(of place: Int, _ name: StaticString) throws(FlatBufferError) -> Int {
        let target = place &+ Int(load(place, as: UInt32.self))
        guard target <= bufferCount &- 4 else { try Self.failOutside(name, place) }
        return target
    }

    /// The vector that begins with its count at `target`, where four bytes are known to be.
    @inlinable
    func vector<T: FlatScalar>(at target: Int, _ name: StaticString) throws(FlatBufferError) -> FlatVector<T> {
        let count = Int(load(target, as: UInt32.self))
        guard count &* MemoryLayout<T>.stride <= bufferCount &- target &- 4 else {
            try Self.failOutside(name, target)
        }
        return FlatVector(base + (target &+ 4), count: count)
    }

    // MARK: - Fields

    /// The number in `slot`, or nil if it is absent.
    @inline(__always)
    @inlinable
    public func optionalScalar<T: FlatScalar>(
        _ slot: Int, _ name: StaticString, as type: T.Type = T.self
    ) throws(FlatBufferError) -> T? {
        guard let place = try inlinePosition(slot, size: MemoryLayout<T>.size, name) else { return nil }
        return load(place)
    }

    /// The number in `slot`, or the schema's default if it is absent.
    @inline(__always)
    @inlinable
    public func scalar<T: FlatScalar>(
        _ slot: Int, _ name: StaticString, default absent: T
    ) throws(FlatBufferError) -> T {
        try optionalScalar(slot, name) ?? absent
    }

    /// The truth value in `slot`: any byte but 0 is true; false if it is absent.
    @inlinable
    public func bool(_ slot: Int, _ name: StaticString) throws(FlatBufferError) -> Bool {
        try scalar(slot, name, default: UInt8(0)) != 0
    }

    /// The scalars in `slot`, in place, or nil if the vector is absent.
    @inline(__always)
    @inlinable
    public func vector<T: FlatScalar>(
        _ slot: Int, _ name: StaticString, of type: T.Type = T.self
    ) throws(FlatBufferError) -> FlatVector<T>? {
        guard let place = try inlinePosition(slot, size: 4, name) else { return nil }
        return try vector(at: target(of: place, name), name)
    }

    /// The scalars in `slot`; absence is an error.
    @inline(__always)
    @inlinable
    public func requiredVector<T: FlatScalar>(
        _ slot: Int, _ name: StaticString, of type: T.Type = T.self
    ) throws(FlatBufferError) -> FlatVector<T> {
        guard let vector = try vector(slot, name, of: T.self) else { try failMissing(name) }
        return vector
    }

    /// The UTF-8 bytes in `slot`, in place, or nil if the string is absent.
    @inlinable
    public func string(_ slot: Int, _ name: StaticString) throws(FlatBufferError) -> FlatVector<UInt8>? {
        try vector(slot, name, of: UInt8.self)
    }

    /// The UTF-8 bytes in `slot`; absence is an error.
    @inlinable
    public func requiredString(_ slot: Int, _ name: StaticString) throws(FlatBufferError) -> FlatVector<UInt8> {
        try requiredVector(slot, name, of: UInt8.self)
    }

    /// The table in `slot`, or nil if it is absent.
    @inlinable
    public func table(_ slot: Int, _ name: StaticString) throws(FlatBufferError) -> FlatBufferTable? {
        guard let place = try inlinePosition(slot, size: 4, name) else { return nil }
        return try FlatBufferTable(
            base, bufferCount, position: target(of: place, name), depth: depth &+ 1, name, from: place)
    }

    /// The tables in `slot`, or nil if the vector is absent; more than `maximum` are an error.
    ///
    /// Many offsets may point at one table, so a schema that knows how many make sense should say so: it bounds what a
    /// small message can unfold into.
    public func tables(
        _ slot: Int, _ name: StaticString, maximum: Int = tablesMaximum
    ) throws(FlatBufferError) -> [FlatBufferTable]? {
        guard let (first, count) = try offsets(slot, name, maximum: maximum) else { return nil }
        var tables: [FlatBufferTable] = []
        tables.reserveCapacity(count)
        for place in stride(from: first, to: first + 4 * count, by: 4) {
            tables.append(
                try FlatBufferTable(
                    base, bufferCount, position: target(of: place, name), depth: depth + 1, name, from: place))
        }
        return tables
    }

    /// Where the first offset of the vector in `slot` stands, and how many there are; nil if the vector is absent.
    private func offsets(
        _ slot: Int, _ name: StaticString, maximum: Int
    ) throws(FlatBufferError) -> (first: Int, count: Int)? {
        guard let offsets = try vector(slot, name, of: UInt32.self) else { return nil }
        guard offsets.count <= min(maximum, Self.tablesMaximum) else {
            throw failure(.tooManyTables(count: offsets.count), name)
        }
        return (offsets.base - base, offsets.count)
    }

    /// The texts in `slot`, in place, or nil if the vector is absent; more than `maximum` are an error.
    public func strings(
        _ slot: Int, _ name: StaticString, maximum: Int = tablesMaximum
    ) throws(FlatBufferError) -> [FlatVector<UInt8>]? {
        guard let (first, count) = try offsets(slot, name, maximum: maximum) else { return nil }
        var strings: [FlatVector<UInt8>] = []
        strings.reserveCapacity(count)
        for place in stride(from: first, to: first + 4 * count, by: 4) {
            strings.append(try vector(at: target(of: place, name), name))
        }
        return strings
    }

    /// The `size` bytes of the struct in `slot`, in place, or nil if it is absent.
    @inlinable
    public func structure(
        _ slot: Int, _ name: StaticString, size: Int
    ) throws(FlatBufferError) -> FlatStruct? {
        guard let place = try inlinePosition(slot, size: size, name) else { return nil }
        return FlatStruct(bytes: UnsafeRawBufferPointer(start: base + place, count: size))
    }

    /// The union whose tag is in `slot` and whose table is in the slot behind it, or nil if it is absent (tag 0).
    ///
    /// A tag without a table is an error, a table without a tag cannot be understood and counts as absent.
    @inlinable
    public func union(
        _ slot: Int, _ name: StaticString
    ) throws(FlatBufferError) -> (tag: UInt8, table: FlatBufferTable)? {
        let tag = try scalar(slot, name, default: UInt8(0))
        guard tag != 0 else { return nil }
        guard let table = try table(slot &+ 1, name) else { try failMissing(name) }
        return (tag, table)
    }
}
