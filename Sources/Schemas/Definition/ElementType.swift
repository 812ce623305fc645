import FlatBuffers

/// What the elements of an array are whose message tells it.
public enum ElementType: Sendable, Equatable {
    case number(NumberType)
    /// UTF-8 text.
    case text
    /// Bytes of unknown meaning, shown as numbers.
    case bytes

    /// The type that an enumeration's word names, such as `float64` or `Int8`; bytes for `none`.
    init?(word: String) {
        switch word {
        case "c_string": self = .text
        case "none": self = .bytes
        default:
            guard let type = NumberType.allCases.first(where: { $0.word == word.lowercased() }) else { return nil }
            self = .number(type)
        }
    }

    /// Bytes of one element.
    public var size: Int {
        switch self {
        case .number(let type): type.size
        case .text, .bytes: 1
        }
    }

    /// The numbers that they are, or are shown as; nil for text.
    public var number: NumberType? {
        switch self {
        case .number(let type): type
        case .bytes: .uint8
        case .text: nil
        }
    }
}

extension FieldDefinition {
    /// The type of this array's elements, which another field of `definition` names.
    func elementType(
        _ slot: Int, in table: FlatBufferTable, of definition: TableDefinition
    ) throws(FlatBufferError) -> ElementType {
        guard let field = definition.fields.first(where: { $0.slot == slot }),
            case .enumeration(let enumeration, let absent) = field.type
        else { preconditionFailure("\(name) names no field for its type") }
        let value = try table.integer(slot, field.label, enumeration.type) ?? absent
        guard let word = enumeration.word(value), let type = ElementType(word: word) else {
            throw table.failure(.unknownValue(value), field.label)
        }
        return type
    }
}

extension FlatBufferTable {
    /// The number in `slot`, or nil if it is absent.
    func number(
        _ slot: Int, _ name: StaticString, _ type: NumberType
    ) throws(FlatBufferError) -> (any FlatNumber)? {
        func read<T: FlatNumber>(_: T.Type) throws(FlatBufferError) -> (any FlatNumber)? {
            try optionalScalar(slot, name, as: T.self)
        }
        return try read(type.type)
    }

    /// The value of an enumeration in `slot`, or nil if it is absent.
    func integer(_ slot: Int, _ name: StaticString, _ type: NumberType) throws(FlatBufferError) -> Int? {
        switch type {
        case .int8: try optionalScalar(slot, name, as: Int8.self).map(Int.init)
        case .uint8: try optionalScalar(slot, name, as: UInt8.self).map(Int.init)
        case .int16: try optionalScalar(slot, name, as: Int16.self).map(Int.init)
        default: try optionalScalar(slot, name, as: UInt16.self).map(Int.init)
        }
    }

    /// The bytes of the array in `slot`, whose elements have type `type`; nil if it is absent.
    func array(
        _ slot: Int, _ name: StaticString, _ type: ElementType
    ) throws(FlatBufferError) -> FlatVector<UInt8>? {
        guard let bytes = try vector(slot, name, of: UInt8.self) else { return nil }
        guard bytes.count % type.size == 0 else {
            throw failure(.partialElement(count: bytes.count, size: type.size), name)
        }
        return bytes
    }
}
