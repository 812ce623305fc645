import FlatBuffers

/// Writes any message as JSON, by its schema's definition; every field is checked on the way.
///
/// Offsets are cheap: many of them may point at the same bytes, so a small message could unfold into gigabytes. What is
/// written is counted, and a message that stands for more than `unfoldingMaximum` times its size is refused.
struct MessageJSONWriter {
    /// How many times a byte of a message may be used, on average.
    static let unfoldingMaximum = 64

    /// What a table costs, with its fields' names.
    private static let tableBytes = 64

    private var json: JSONWriter
    private var budget: Int

    /// Writes the message whose root is `table` into `json` as one object; nothing is written if it throws.
    static func write(
        _ schema: SchemaDefinition, _ table: FlatBufferTable, to json: inout JSONWriter
    ) throws(FlatBufferError) {
        // The writer is handed over, not copied: its text may be long.
        var taken = JSONWriter(arrays: json.arrays)
        swap(&taken, &json)
        let mark = taken.mark
        var writer = MessageJSONWriter(
            json: taken, budget: Self.unfoldingMaximum * (table.bufferCount + 64))
        taken = JSONWriter()
        defer { swap(&writer.json, &json) }
        do throws(FlatBufferError) {
            writer.json.openObject()
            writer.json.field("schema", schema.identifier)
            try writer.fields(of: table, schema.root)
            writer.json.closeObject()
        } catch {
            writer.json.cut(to: mark)
            throw error
        }
    }

    private mutating func spend(
        _ bytes: Int, _ table: FlatBufferTable, _ field: FieldDefinition
    ) throws(FlatBufferError) {
        budget -= bytes + 4
        guard budget >= 0 else { throw table.failure(.unfolds, field.label) }
    }

    private mutating func object(
        _ table: FlatBufferTable, _ definition: TableDefinition
    ) throws(FlatBufferError) {
        json.openObject()
        try fields(of: table, definition)
        json.closeObject()
    }

    private mutating func fields(
        of table: FlatBufferTable, _ definition: TableDefinition
    ) throws(FlatBufferError) {
        for field in definition.fields {
            let isWritten = try write(field, of: table, definition)
            guard isWritten || !field.isRequired else { throw table.failure(.missing, field.label) }
        }
    }

    /// Writes the field with what belongs to it; false if it is absent.
    private mutating func write(
        _ field: FieldDefinition, of table: FlatBufferTable, _ definition: TableDefinition
    ) throws(FlatBufferError) -> Bool {
        let (slot, label, name) = (field.slot, field.label, field.name)
        switch field.type {
        case .bool: json.field(name, try table.bool(slot, label))
        case .number(let type, let absent, let time):
            if let number = try table.number(slot, label, type) {
                self.number(name, number, time)
            } else if type == .float32 || type == .float64 {
                self.number(name, Double(absent), time)
            } else {
                self.number(name, absent, time)
            }
        case .optionalNumber(let type):
            json.key(name)
            if let number = try table.number(slot, label, type) { json.value(number) } else { json.null() }
        case .enumeration(let enumeration, let absent):
            let value = try table.integer(slot, label, enumeration.type) ?? absent
            guard let word = enumeration.word(value) else { throw table.failure(.unknownValue(value), label) }
            json.field(name, word)
        case .string:
            guard let text = try table.string(slot, label) else { return false }
            try spend(text.count, table, field)
            json.field(name, text.text)
        case .strings(let maximum):
            guard let texts = try table.strings(slot, label, maximum: maximum) else { return false }
            try self.texts(texts, table, field)
        case .numbers(let type, let time):
            return try numbers(type, time, table, field)
        case .array(let typeSlot, let shapeSlot):
            let type = try field.elementType(typeSlot, in: table, of: definition)
            guard let bytes = try table.array(slot, label, type) else { return false }
            try spend(bytes.count, table, field)
            array(name, bytes, type)
            guard let shapeSlot else { break }
            let count = bytes.count / type.size
            if let mismatch = try definition.shapeMismatch(shapeSlot, count: count, of: type, in: table) {
                json.field(name + "_mismatch", mismatch.description)
            }
        case .structure(let structure):
            guard let bytes = try table.structure(slot, label, size: structure.size) else { return false }
            self.structure(name, bytes, structure)
        case .table(let inner):
            guard let member = try table.table(slot, label) else { return false }
            json.key(name)
            try object(member, inner)
        case .tables(let inner, let maximum):
            guard let members = try table.tables(slot, label, maximum: maximum) else { return false }
            try tables(members, inner, table, field)
        case .union(let union):
            return try self.union(union, table, field)
        }
        return true
    }

    private mutating func number(_ name: String, _ number: any FlatNumber, _ time: TimeUnit?) {
        json.field(name, number)
        guard let time, let date = number.fieldValue.date(time) else { return }
        json.field(name + "_iso", date)
    }

    private mutating func texts(
        _ texts: [FlatVector<UInt8>], _ table: FlatBufferTable, _ field: FieldDefinition
    ) throws(FlatBufferError) {
        let shown = json.shownCount(of: texts.count)
        json.key(field.name)
        json.openArray()
        for text in texts.prefix(shown) {
            try spend(text.count, table, field)
            json.value(text.text)
        }
        json.closeArray()
        if shown < texts.count { json.field(field.name + "_count", texts.count) }
    }

    private mutating func tables(
        _ members: [FlatBufferTable], _ inner: TableDefinition, _ table: FlatBufferTable, _ field: FieldDefinition
    ) throws(FlatBufferError) {
        let shown = json.shownCount(of: members.count)
        json.key(field.name)
        json.openArray()
        for (index, member) in members.enumerated() {
            try spend(Self.tableBytes, table, field)
            // Those that are not shown are written too, and taken back: a fault in them is a fault of the message.
            let mark = json.mark
            try object(member, inner)
            if index >= shown { json.cut(to: mark) }
        }
        json.closeArray()
        if shown < members.count { json.field(field.name + "_count", members.count) }
    }

    private mutating func numbers(
        _ type: NumberType, _ time: TimeUnit?, _ table: FlatBufferTable, _ field: FieldDefinition
    ) throws(FlatBufferError) -> Bool {
        func write<T: FlatNumber>(_: T.Type) throws(FlatBufferError) -> Bool {
            guard let vector = try table.vector(field.slot, field.label, of: T.self) else { return false }
            try spend(vector.count * MemoryLayout<T>.size, table, field)
            json.field(field.name, elements: vector)
            if let time {
                json.field(field.name + "_iso", dates: vector.prefix(json.shownCount(of: vector.count)), time)
            }
            return true
        }
        // Written out, so that each loop is compiled for its own type.
        return switch type {
        case .int8: try write(Int8.self)
        case .uint8: try write(UInt8.self)
        case .int16: try write(Int16.self)
        case .uint16: try write(UInt16.self)
        case .int32: try write(Int32.self)
        case .uint32: try write(UInt32.self)
        case .int64: try write(Int64.self)
        case .uint64: try write(UInt64.self)
        case .float32: try write(Float.self)
        case .float64: try write(Double.self)
        }
    }

    private mutating func array(_ name: String, _ bytes: FlatVector<UInt8>, _ type: ElementType) {
        func write<T: FlatNumber>(_: T.Type) {
            bytes.withUnsafeBytes { json.field(name, elements: FlatVector<T>($0)) }
        }
        if let number = type.number { write(number.type) } else { json.field(name, bytes.text) }
    }

    private mutating func structure(_ name: String, _ bytes: FlatStruct, _ definition: StructureDefinition) {
        json.key(name)
        json.openObject()
        for (member, type, offset) in definition.members { json.field(member, bytes.number(offset, type)) }
        json.closeObject()
        if let nanoseconds = definition.nanoseconds(bytes.integers(definition)) {
            json.field(name + "_iso", CivilTime.iso(nanoseconds: nanoseconds))
        }
    }

    private mutating func union(
        _ union: UnionDefinition, _ table: FlatBufferTable, _ field: FieldDefinition
    ) throws(FlatBufferError) -> Bool {
        guard let (tag, inner) = try table.union(field.slot, field.label) else { return false }
        guard let member = union.member(tag) else { throw table.failure(.unknownValue(Int(tag)), field.label) }
        json.field(field.name + "_type", member.name)
        guard union.isValue, let value = member.table.fields.first else {
            json.key(field.name)
            try object(inner, member.table)
            return true
        }
        // A member's table is only a box: its value is shown under the union's own name.
        let shown = value.named(field.name)
        if try !write(shown, of: inner, member.table) {
            guard !value.isRequired else { throw inner.failure(.missing, value.label) }
            json.key(field.name)
            if case .string = value.type { json.value("") } else { json.array { _ in } }
        }
        return true
    }
}

extension FieldDefinition {
    /// The same field under another name.
    fileprivate func named(_ name: String) -> FieldDefinition {
        FieldDefinition(slot: slot, name: name, label: label, type: type, isRequired: isRequired, text: text)
    }
}

extension FlatStruct {
    /// The number that begins `offset` bytes into the struct.
    func number(_ offset: Int, _ type: NumberType) -> any FlatNumber {
        func read<T: FlatNumber>(_: T.Type) -> any FlatNumber { load(offset, as: T.self) }
        return read(type.type)
    }

    /// All its numbers; a struct here has none beyond `Int64`.
    func integers(_ definition: StructureDefinition) -> [Int64] {
        definition.members.map { member in
            if case .integer(let value) = number(member.offset, member.type).fieldValue { value } else { 0 }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func field(
        _ name: String, dates: some Sequence<some FlatNumber>, _ time: TimeUnit
    ) {
        key(name)
        array { json in
            for element in dates {
                if let date = element.fieldValue.date(time) { json.value(date) } else { json.null() }
            }
        }
    }
}
