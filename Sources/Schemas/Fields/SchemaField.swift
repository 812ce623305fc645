import FlatBuffers

/// A field of one schema, found once and then read in each message, without looking at the rest of it.
public struct SchemaField: Sendable {
    /// What is asked about a field.
    enum Aspect: Sendable {
        case value, date, count, type, mismatch
    }

    /// The way from a table to the field.
    indirect enum Route: Sendable {
        case schema
        case table(FieldDefinition, Route)
        case element(FieldDefinition, Int, Route)
        case union(FieldDefinition, [UInt8: Route])
        case structure(FieldDefinition, NumberType, offset: Int)
        case field(FieldDefinition, of: TableDefinition, Aspect, index: Int?)
    }

    private let schema: Schema
    private let route: Route

    init(_ schema: Schema, _ route: Route) {
        self.schema = schema
        self.route = route
    }

    /// The field's value in a message of this schema; nil if it is absent there.
    public func value(in bytes: UnsafeRawBufferPointer) throws(SchemaError) -> FieldValue? {
        try schema.reading(bytes) { (root) throws(FlatBufferError) in try read(route, root) }
    }

    private func read(_ route: Route, _ table: FlatBufferTable) throws(FlatBufferError) -> FieldValue? {
        switch route {
        case .schema: return .text(schema.identifier)
        case .table(let field, let rest):
            guard let inner = try table.table(field.slot, field.label) else { return nil }
            return try read(rest, inner)
        case .element(let field, let index, let rest):
            guard case .tables(_, let maximum) = field.type,
                let inner = try table.tables(field.slot, field.label, maximum: maximum), index < inner.count
            else { return nil }
            return try read(rest, inner[index])
        case .union(let field, let routes):
            guard let (tag, inner) = try table.union(field.slot, field.label), let rest = routes[tag] else {
                return nil
            }
            return try read(rest, inner)
        case .structure(let field, let type, let offset):
            guard case .structure(let definition) = field.type,
                let bytes = try table.structure(field.slot, field.label, size: definition.size)
            else { return nil }
            return bytes.number(offset, type).fieldValue
        case .field(let field, let definition, let aspect, let index):
            return try FieldReader(field: field, definition: definition).read(table, aspect, index)
        }
    }
}

/// Reads one field of a table.
private struct FieldReader {
    let field: FieldDefinition
    let definition: TableDefinition

    func read(
        _ table: FlatBufferTable, _ aspect: SchemaField.Aspect, _ index: Int?
    ) throws(FlatBufferError) -> FieldValue? {
        switch aspect {
        case .value: return try value(table, index)
        case .date:
            guard let unit = field.type.time else { return try structureDate(table) }
            return try value(table, index)?.date(unit).map { .text($0) }
        case .count:
            let whole =
                if case .union = field.type { try union(table, .count, nil) } else { try value(table, nil) }
            guard case .count = whole else { return nil }
            return whole
        case .type: return try union(table, .type, nil)
        case .mismatch: return try mismatch(table)
        }
    }

    private func value(_ table: FlatBufferTable, _ index: Int?) throws(FlatBufferError) -> FieldValue? {
        let (slot, label) = (field.slot, field.label)
        switch field.type {
        case .bool: return .truth(try table.bool(slot, label))
        case .number(let type, let absent, _):
            if let number = try table.number(slot, label, type) { return number.fieldValue }
            return type == .float32 || type == .float64 ? .real(Double(absent)) : .integer(absent)
        case .optionalNumber(let type): return try table.number(slot, label, type)?.fieldValue
        case .enumeration(let enumeration, let absent):
            let value = try table.integer(slot, label, enumeration.type) ?? absent
            guard let word = enumeration.word(value) else { throw table.failure(.unknownValue(value), label) }
            return .text(word)
        case .string: return try table.string(slot, label).map { .text($0.text) }
        case .strings(let maximum):
            guard let texts = try table.strings(slot, label, maximum: maximum) else { return nil }
            guard let index else { return .count(texts.count) }
            return index < texts.count ? .text(texts[index].text) : nil
        case .numbers(let type, _): return try elements(table, .number(type), index)
        case .array(let typeSlot, _):
            return try elements(table, field.elementType(typeSlot, in: table, of: definition), index)
        case .table(let inner): return try table.table(slot, label).map { _ in .count(inner.fields.count) }
        case .tables(_, let maximum):
            return try table.tables(slot, label, maximum: maximum).map { .count($0.count) }
        case .structure(let structure):
            return try table.structure(slot, label, size: structure.size).map { _ in .count(structure.members.count) }
        case .union: return try union(table, .value, index)
        }
    }

    private func elements(
        _ table: FlatBufferTable, _ type: ElementType, _ index: Int?
    ) throws(FlatBufferError) -> FieldValue? {
        if case .array = field.type, type == .text {
            return try table.array(field.slot, field.label, type).map { .text($0.text) }
        }
        guard let number = type.number else { return nil }
        func read<T: FlatNumber>(_: T.Type) throws(FlatBufferError) -> FieldValue? {
            let elements: FlatVector<T>?
            if case .array = field.type {
                elements = try table.array(field.slot, field.label, type).map { bytes in
                    bytes.withUnsafeBytes { FlatVector<T>($0) }
                }
            } else {
                elements = try table.vector(field.slot, field.label, of: T.self)
            }
            guard let elements else { return nil }
            guard let index else { return .count(elements.count) }
            return index < elements.count ? elements[index].fieldValue : nil
        }
        return try read(number.type)
    }

    private func mismatch(_ table: FlatBufferTable) throws(FlatBufferError) -> FieldValue? {
        guard case .array(let typeSlot, let shapeSlot?) = field.type else { return nil }
        let type = try field.elementType(typeSlot, in: table, of: definition)
        guard let bytes = try table.array(field.slot, field.label, type) else { return nil }
        return try definition.shapeMismatch(shapeSlot, count: bytes.count / type.size, of: type, in: table)
            .map { .text($0.description) }
    }

    private func structureDate(_ table: FlatBufferTable) throws(FlatBufferError) -> FieldValue? {
        guard case .structure(let structure) = field.type,
            let bytes = try table.structure(field.slot, field.label, size: structure.size)
        else { return nil }
        return structure.nanoseconds(bytes.integers(structure)).map { .text(CivilTime.iso(nanoseconds: $0)) }
    }

    private func union(
        _ table: FlatBufferTable, _ aspect: SchemaField.Aspect, _ index: Int?
    ) throws(FlatBufferError) -> FieldValue? {
        guard case .union(let union) = field.type, let (tag, inner) = try table.union(field.slot, field.label) else {
            return nil
        }
        guard let member = union.member(tag) else { throw table.failure(.unknownValue(Int(tag)), field.label) }
        if aspect == .type { return .text(member.name) }
        guard union.isValue, let value = member.table.fields.first else { return .count(member.table.fields.count) }
        return try FieldReader(field: value, definition: member.table).read(inner, aspect, index)
    }
}
