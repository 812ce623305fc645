import FlatBuffers

/// A field of a table: where it is, what type it has and what it means.
public struct FieldDefinition: Sendable {
    /// Its place in the vtable; a union takes this slot (tag) and the next (table).
    public let slot: Int
    /// Its name in the .fbs file.
    public let name: String
    /// The same, as the FlatBuffers runtime takes it.
    let label: StaticString
    /// What it holds.
    public let type: FieldType
    /// Whether a message without it is malformed.
    public let isRequired: Bool
    /// What it means, with its unit.
    public let text: String

    /// A field that may be absent.
    static func field(_ slot: Int, _ name: StaticString, _ type: FieldType, _ text: String) -> FieldDefinition {
        FieldDefinition(slot: slot, name: "\(name)", label: name, type: type, isRequired: false, text: text)
    }

    /// A field that every message has.
    static func required(_ slot: Int, _ name: StaticString, _ type: FieldType, _ text: String) -> FieldDefinition {
        FieldDefinition(slot: slot, name: "\(name)", label: name, type: type, isRequired: true, text: text)
    }

    /// Slots that the field takes.
    var slotCount: Int {
        if case .union = type { 2 } else { 1 }
    }
}

/// What a field holds.
public indirect enum FieldType: Sendable {
    case bool
    /// A number; absent means `absent`, the schema's default.
    case number(NumberType, absent: Int64 = 0, time: TimeUnit? = nil)
    /// A number whose absence means "unknown", not 0.
    case optionalNumber(NumberType)
    case enumeration(EnumerationDefinition, absent: Int = 0)
    case string
    /// Texts, at most `maximum`.
    case strings(maximum: Int)
    case numbers(NumberType, time: TimeUnit? = nil)
    /// Bytes that are numbers or text of the type that an enumeration in field `type` names; field `shape` says how many
    /// along each axis. See `ElementType`, `ShapeMismatch`.
    case array(type: Int, shape: Int? = nil)
    /// Numbers in the table itself.
    case structure(StructureDefinition)
    case table(TableDefinition)
    /// Tables, at most `maximum`.
    case tables(TableDefinition, maximum: Int)
    case union(UnionDefinition)

    /// The type for people, such as `[int32]`.
    public var word: String {
        switch self {
        case .bool: "bool"
        case .number(let type, _, _): type.word
        case .optionalNumber(let type): type.word + "?"
        case .enumeration(let enumeration, _): enumeration.words.map(\.word).joined(separator: "|")
        case .string: "string"
        case .strings: "[string]"
        case .numbers(let type, _): "[\(type.word)]"
        case .array: "array"
        case .structure(let structure): structure.name
        case .table(let table): table.name
        case .tables(let table, _): "[\(table.name)]"
        case .union(let union): union.members.map(\.name).joined(separator: "|")
        }
    }

    /// What a time is counted in, if the field is one.
    var time: TimeUnit? {
        switch self {
        case .number(_, _, let time): time
        case .numbers(_, let time): time
        default: nil
        }
    }
}

/// What a time since the Unix epoch is counted in; with some, 0 is no time.
public enum TimeUnit: Sendable {
    case nanoseconds
    /// Nanoseconds; 0 means "unknown".
    case nanosecondsOrNone
    /// Milliseconds; 0 means "none" or "now".
    case milliseconds
    /// Seconds, a floating-point number.
    case seconds
}

/// A table of a schema.
public struct TableDefinition: Sendable {
    /// Its name in the .fbs file.
    public let name: String
    /// Its fields, in the order of their slots.
    public let fields: [FieldDefinition]

    init(_ name: String, _ fields: [FieldDefinition]) {
        self.name = name
        self.fields = fields
    }

    /// Slots of the vtable.
    var slotCount: Int { fields.map { $0.slot + $0.slotCount }.max() ?? 0 }

    /// The field of this name.
    public func field(_ name: String) -> FieldDefinition? { fields.first { $0.name == name } }
}

/// An enumeration of a schema.
public struct EnumerationDefinition: Sendable {
    /// Its name in the .fbs file.
    public let name: String
    /// The number that holds it.
    public let type: NumberType
    /// Every value with its name in the .fbs file.
    public let words: [(value: Int, word: String)]

    /// The values of an enumeration under their own names, or under `words`, in the same order.
    init<T: SchemaEnumeration>(_ name: String, _ type: NumberType, _: T.Type, words: [String] = T.words) {
        self.name = name
        self.type = type
        self.words = zip(T.allCases, words).map { (Int($0.rawValue), $1) }
    }

    /// The name of `value`; nil if the schema does not know it.
    func word(_ value: Int) -> String? { words.first { $0.value == value }?.word }

    /// The value of this name.
    func value(_ word: String) -> Int? { words.first { $0.word == word }?.value }
}

/// A union of a schema: one of several tables.
public struct UnionDefinition: Sendable {
    /// Its name in the .fbs file.
    public let name: String
    /// Every table with its tag.
    public let members: [(tag: UInt8, name: String, table: TableDefinition)]
    /// Whether each member is a table with the single field `value`: JSON shows that, not the table around it.
    public let isValue: Bool

    /// A union of `tables`, with the tags 1, 2...
    init(_ name: String, _ tables: [TableDefinition]) {
        self.name = name
        members = tables.enumerated().map { (UInt8($0.offset + 1), $0.element.name, $0.element) }
        isValue = tables.allSatisfy { $0.fields.count == 1 && $0.fields[0].name == "value" }
    }

    /// A union of one-field tables, with the tags 1, 2...
    init(_ name: String, values: [(name: String, type: FieldType)], isRequired: Bool = false) {
        self.init(
            name,
            values.map { name, type in
                TableDefinition(
                    name, [isRequired ? .required(0, "value", type, "") : .field(0, "value", type, "")])
            })
    }

    /// The member with this tag.
    func member(_ tag: UInt8) -> (tag: UInt8, name: String, table: TableDefinition)? {
        members.first { $0.tag == tag }
    }
}

/// A struct of a schema: numbers, each aligned to its own size.
public struct StructureDefinition: Sendable {
    /// Its name in the .fbs file.
    public let name: String
    /// Its numbers in order, with their distance from its start.
    public let members: [(name: String, type: NumberType, offset: Int)]
    /// Bytes of the whole, padding included.
    public let size: Int
    /// The largest of the numbers' sizes.
    public let alignment: Int
    /// The time that it stands for, nanoseconds since the Unix epoch, from its numbers; nil if it is none.
    let nanoseconds: @Sendable ([Int64]) -> Int64?

    init(
        _ name: String, _ members: [(name: String, type: NumberType)],
        nanoseconds: @escaping @Sendable ([Int64]) -> Int64?
    ) {
        var end = 0
        self.name = name
        self.members = members.map { member in
            let offset = (end + member.type.size - 1) / member.type.size * member.type.size
            end = offset + member.type.size
            return (member.name, member.type, offset)
        }
        let alignment = members.map(\.type.size).max() ?? 1
        self.alignment = alignment
        size = (end + alignment - 1) / alignment * alignment
        self.nanoseconds = nanoseconds
    }
}
