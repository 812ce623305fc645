import FlatBuffers

/// An array whose elements have the type that its message tells, read in place.
public struct TypedArray {
    /// What the elements are.
    public let type: ElementType
    /// All elements, little-endian; they may be misaligned.
    public let bytes: FlatVector<UInt8>

    /// Number of elements; of a text its bytes.
    public var count: Int { bytes.count / type.size }

    /// The elements, if they are numbers of this type.
    public func elements<T: FlatScalar>(_: T.Type = T.self) -> FlatVector<T>? {
        guard let number = type.number, number.type == T.self else { return nil }
        return bytes.withUnsafeBytes { FlatVector<T>($0) }
    }

    /// The text; nil for numbers.
    public var text: String? { type == .text ? bytes.text : nil }

    /// All elements as floating-point numbers (64-bit integers are rounded); nil for a text.
    public var doubles: [Double]? {
        guard let number = type.number else { return nil }
        func convert<T: FlatNumber>(_: T.Type) -> [Double] {
            bytes.withUnsafeBytes { FlatVector<T>($0).map(\.double) }
        }
        return convert(number.type)
    }

    /// A copy that outlives the message.
    public var owned: OwnedArray {
        func elements<T: FlatScalar>() -> [T] { bytes.withUnsafeBytes { FlatVector<T>($0).array } }
        return switch type.number {
        case nil: .text(bytes.text)
        case .int8: .int8(elements())
        case .uint8: .uint8(elements())
        case .int16: .int16(elements())
        case .uint16: .uint16(elements())
        case .int32: .int32(elements())
        case .uint32: .uint32(elements())
        case .int64: .int64(elements())
        case .uint64: .uint64(elements())
        case .float32: .float(elements())
        case .float64: .double(elements())
        }
    }
}

/// An array to encode, or one that outlives its message.
public enum OwnedArray: Sendable, Equatable {
    case int8([Int8])
    case uint8([UInt8])
    case int16([Int16])
    case uint16([UInt16])
    case int32([Int32])
    case uint32([UInt32])
    case int64([Int64])
    case uint64([UInt64])
    case float([Float])
    case double([Double])
    case text(String)

    /// What the elements are.
    public var type: ElementType {
        switch self {
        case .int8: .number(.int8)
        case .uint8: .number(.uint8)
        case .int16: .number(.int16)
        case .uint16: .number(.uint16)
        case .int32: .number(.int32)
        case .uint32: .number(.uint32)
        case .int64: .number(.int64)
        case .uint64: .number(.uint64)
        case .float: .number(.float32)
        case .double: .number(.float64)
        case .text: .text
        }
    }

    /// Writes the elements as a vector of their own type; a text as a vector of bytes.
    func add(to builder: inout FlatBufferBuilder) -> FlatOffset {
        switch self {
        case .int8(let elements): builder.vector(elements)
        case .uint8(let elements): builder.vector(elements)
        case .int16(let elements): builder.vector(elements)
        case .uint16(let elements): builder.vector(elements)
        case .int32(let elements): builder.vector(elements)
        case .uint32(let elements): builder.vector(elements)
        case .int64(let elements): builder.vector(elements)
        case .uint64(let elements): builder.vector(elements)
        case .float(let elements): builder.vector(elements)
        case .double(let elements): builder.vector(elements)
        case .text(let text): builder.vector(Array(text.utf8))
        }
    }

    /// Writes the elements as a vector of bytes.
    func addBytes(to builder: inout FlatBufferBuilder) -> FlatOffset {
        func add<T: FlatScalar>(_ elements: [T]) -> FlatOffset {
            elements.withUnsafeBytes { builder.vector($0.bindMemory(to: UInt8.self)) }
        }
        return switch self {
        case .int8(let elements): add(elements)
        case .uint8(let elements): add(elements)
        case .int16(let elements): add(elements)
        case .uint16(let elements): add(elements)
        case .int32(let elements): add(elements)
        case .uint32(let elements): add(elements)
        case .int64(let elements): add(elements)
        case .uint64(let elements): add(elements)
        case .float(let elements): add(elements)
        case .double(let elements): add(elements)
        case .text(let text): add(Array(text.utf8))
        }
    }

    /// Bytes of all elements.
    var byteCount: Int {
        switch self {
        case .int8(let elements): elements.count
        case .uint8(let elements): elements.count
        case .int16(let elements): 2 * elements.count
        case .uint16(let elements): 2 * elements.count
        case .int32(let elements): 4 * elements.count
        case .uint32(let elements): 4 * elements.count
        case .int64(let elements): 8 * elements.count
        case .uint64(let elements): 8 * elements.count
        case .float(let elements): 4 * elements.count
        case .double(let elements): 8 * elements.count
        case .text(let text): text.utf8.count
        }
    }

    /// Writes the elements into a table with the one field `value`, as unions of boxes around `types` hold them; the tag is
    /// that of the elements' type, which must be among these.
    func addBox(to builder: inout FlatBufferBuilder, _ types: [NumberType]) -> (tag: UInt8, table: FlatOffset) {
        guard case .number(let type) = self.type, let index = types.firstIndex(of: type) else {
            preconditionFailure("the schema has no elements of type \(self.type)")
        }
        let elements = add(to: &builder)
        builder.startTable(slots: 1)
        builder.add(0, elements)
        return (UInt8(index + 1), builder.endTable())
    }
}

extension FlatBufferTable {
    /// The bytes in `slot`, whose elements have the type that `type` names; nil if they are absent.
    func typedArray(
        _ slot: Int, _ name: StaticString, type: some SchemaEnumeration
    ) throws(FlatBufferError) -> TypedArray? {
        guard let elementType = ElementType(word: type.word) else {
            throw failure(.unknownValue(Int(type.rawValue)), name)
        }
        return try array(slot, name, elementType).map { TypedArray(type: elementType, bytes: $0) }
    }

    /// The union in `slot` whose members are boxes around vectors of `types`, with the tags 1, 2...; nil if it is absent.
    ///
    /// An absent vector is an empty one, unless the box's schema requires it: writers may leave out either.
    func boxedArray(
        _ slot: Int, _ name: StaticString, _ types: [NumberType], isRequired: Bool = false
    ) throws(FlatBufferError) -> TypedArray? {
        guard let (tag, box) = try union(slot, name) else { return nil }
        guard tag <= types.count else { throw failure(.unknownValue(Int(tag)), name) }
        let type = types[Int(tag) - 1]
        func read<T: FlatScalar>(_: T.Type) throws(FlatBufferError) -> FlatVector<UInt8>? {
            try box.vector(0, "value", of: T.self).map { elements in
                elements.withUnsafeBytes { FlatVector<UInt8>($0) }
            }
        }
        let bytes = try read(type.type)
        if bytes == nil, isRequired { throw box.failure(.missing, "value") }
        return TypedArray(
            type: .number(type), bytes: bytes ?? FlatVector())
    }
}

extension SchemaEnumeration {
    /// The value that names the type of `array`'s elements.
    static func naming(_ array: OwnedArray) -> Self {
        guard let value = allCases.first(where: { $0.word != "none" && ElementType(word: $0.word) == array.type })
        else {
            preconditionFailure("every type of elements has a name")
        }
        return value
    }
}
