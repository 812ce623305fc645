import FlatBuffers

/// Builds any message from JSON, by its schema's definition: the inverse of `MessageJSONWriter`.
///
/// What the writer adds for people is taken too: `schema`, dates, counts. They must agree with the fields that they
/// explain; a date alone is enough for a time. A field that is left out, or `null`, is absent from the message.
struct MessageJSONReader: ~Copyable {
    private var builder = FlatBufferBuilder()

    /// The bytes of a message of `schema`.
    static func message(_ schema: SchemaDefinition, _ node: JSONNode) throws(MessageJSONError) -> [UInt8] {
        var reader = MessageJSONReader()
        let root = try reader.table(schema.root, node, path: "", schema: schema.identifier)
        reader.builder.finish(root, identifier: schema.identifier)
        return reader.builder.array
    }

    /// What a field puts into its table: a number in itself, or a place elsewhere.
    private enum Part {
        case bool(Bool)
        case number(any FlatNumber)
        case offset(FlatOffset)
        case union(UInt8, FlatOffset)
        case structure([UInt8], alignment: Int)

        /// Bytes in the table, for the order in which fields are written: the widest first wastes the least.
        var size: Int {
            switch self {
            case .bool: 1
            case .number(let number): FieldDefinition.size(of: number)
            case .offset, .union: 4
            case .structure(_, let alignment): alignment
            }
        }
    }

    private mutating func table(
        _ definition: TableDefinition, _ node: JSONNode, path: String, schema: String? = nil
    ) throws(MessageJSONError) -> FlatOffset {
        var object = try JSONObject(node, path: path)
        if let schema { try object.checkSchema(schema) }
        var parts: [(slot: Int, part: Part)] = []
        for field in definition.fields {
            guard let part = try part(field, of: definition, in: &object) else {
                guard !field.isRequired else { throw object.failure(field.name, "is required") }
                continue
            }
            parts.append((field.slot, part))
        }
        try object.checkEmpty(definition)
        builder.startTable(slots: definition.slotCount)
        for (slot, part) in parts.sorted(by: { ($1.part.size, $0.slot) < ($0.part.size, $1.slot) }) { add(slot, part) }
        return builder.endTable()
    }

    private mutating func add(_ slot: Int, _ part: Part) {
        func add(_ number: some FlatNumber) { builder.add(slot, number) }
        switch part {
        case .bool(let value): builder.add(slot, value)
        case .number(let number): add(number)
        case .offset(let offset): builder.add(slot, offset)
        case .union(let tag, let offset): builder.addUnion(slot, tag: tag, offset)
        case .structure(let bytes, let alignment): builder.add(slot, structure: bytes, alignment: alignment)
        }
    }

    /// The field's part, taken out of `object`; nil if it is not there.
    private mutating func part(
        _ field: FieldDefinition, of definition: TableDefinition, in object: inout JSONObject
    ) throws(MessageJSONError) -> Part? {
        if case .union(let union) = field.type { return try self.union(union, field, in: &object) }
        let shortened = try object.takeCount(field)
        let node = try object.takeTime(field)
        guard let node else { return nil }
        let path = object.path(field.name)
        if let shortened, shortened != node.list?.count {
            throw MessageJSONError(
                path, "\(node.list?.count ?? 0) of \(shortened) elements are there: it was shortened, write it in full")
        }
        switch field.type {
        case .bool:
            guard case .bool(let value) = node else { throw Self.expected("true or false", node, path) }
            return .bool(value)
        case .number(let type, _, _), .optionalNumber(let type):
            return .number(try Self.number(type, node, path))
        case .enumeration(let enumeration, _):
            return .number(try Self.enumeration(enumeration, node, path))
        case .string:
            guard let text = node.text else { throw Self.expected("text", node, path) }
            return .offset(builder.string(text))
        case .strings(let maximum):
            return .offset(builder.vector(try Self.texts(node, maximum, path)))
        case .numbers(let type, _):
            return .offset(try numbers(type, node, path))
        case .array(let typeSlot, let shapeSlot):
            let type = try object.elementType(typeSlot, of: definition)
            // Whoever says that they disagree means it.
            let isMeant = object.take(field.name + "_mismatch") != nil
            if let shapeSlot, !isMeant, let shape = object.shape(definition.shapeField(shapeSlot)),
                let mismatch = ShapeMismatch(count: node.list?.count ?? 0, of: type, shape)
            {
                throw MessageJSONError(path, mismatch.description)
            }
            return .offset(try array(type, node, path))
        case .structure(let structure):
            return .structure(try Self.structure(structure, node, path), alignment: structure.alignment)
        case .table(let inner):
            return .offset(try table(inner, node, path: path))
        case .tables(let inner, let maximum):
            return .offset(try tables(inner, node, maximum, path))
        case .union:
            return nil
        }
    }

    private static func expected(_ what: String, _ node: JSONNode, _ path: String) -> MessageJSONError {
        MessageJSONError(path, "expected \(what), got \(node.shown)")
    }

    private static func number(
        _ type: NumberType, _ node: JSONNode, _ path: String
    ) throws(MessageJSONError) -> any FlatNumber {
        func make<T: FlatNumber>(_: T.Type) throws(MessageJSONError) -> any FlatNumber {
            guard let number = T(json: node) else { throw expected(T.expectation, node, path) }
            return number
        }
        return try make(type.type)
    }

    private static func enumeration(
        _ enumeration: EnumerationDefinition, _ node: JSONNode, _ path: String
    ) throws(MessageJSONError) -> any FlatNumber {
        guard let word = node.text, let value = enumeration.value(word) else {
            let words = enumeration.words.map(\.word)
            throw expected("one of " + words.joined(separator: ", "), node, path)
        }
        return try number(enumeration.type, .integer(Int64(value)), path)
    }

    private static func list(
        _ node: JSONNode, _ maximum: Int, _ path: String
    ) throws(MessageJSONError) -> [JSONNode] {
        guard let list = node.list else { throw expected("a list", node, path) }
        guard list.count <= maximum else {
            throw MessageJSONError(path, "\(list.count) elements are more than the \(maximum) that are allowed")
        }
        return list
    }

    private static func texts(
        _ node: JSONNode, _ maximum: Int, _ path: String
    ) throws(MessageJSONError) -> [String] {
        var texts: [String] = []
        for (index, element) in try list(node, maximum, path).enumerated() {
            guard let text = element.text else { throw expected("text", element, "\(path)[\(index)]") }
            texts.append(text)
        }
        return texts
    }

    private mutating func tables(
        _ inner: TableDefinition, _ node: JSONNode, _ maximum: Int, _ path: String
    ) throws(MessageJSONError) -> FlatOffset {
        var offsets: [FlatOffset] = []
        for (index, element) in try Self.list(node, maximum, path).enumerated() {
            offsets.append(try table(inner, element, path: "\(path)[\(index)]"))
        }
        return builder.vector(offsets)
    }

    private static func elements<T: FlatNumber>(_ node: JSONNode, _ path: String) throws(MessageJSONError) -> [T] {
        guard let list = node.list else { throw expected("a list", node, path) }
        var elements: [T] = []
        elements.reserveCapacity(list.count)
        for (index, element) in list.enumerated() {
            guard let number = T(json: element) else { throw expected(T.expectation, element, "\(path)[\(index)]") }
            elements.append(number)
        }
        return elements
    }

    private mutating func numbers(
        _ type: NumberType, _ node: JSONNode, _ path: String
    ) throws(MessageJSONError) -> FlatOffset {
        func write<T: FlatNumber>(_: T.Type) throws(MessageJSONError) -> FlatOffset {
            builder.vector(try Self.elements(node, path) as [T])
        }
        return try write(type.type)
    }

    private mutating func array(
        _ type: ElementType, _ node: JSONNode, _ path: String
    ) throws(MessageJSONError) -> FlatOffset {
        func write<T: FlatNumber>(_: T.Type) throws(MessageJSONError) -> FlatOffset {
            let elements: [T] = try Self.elements(node, path)
            return elements.withUnsafeBytes { bytes in builder.vector(bytes.bindMemory(to: UInt8.self)) }
        }
        if let number = type.number { return try write(number.type) }
        guard let text = node.text else { throw Self.expected("text, as the type says", node, path) }
        return builder.vector(Array(text.utf8))
    }

    private static func structure(
        _ definition: StructureDefinition, _ node: JSONNode, _ path: String
    ) throws(MessageJSONError) -> [UInt8] {
        var object = try JSONObject(node, path: path)
        var bytes = [UInt8](repeating: 0, count: definition.size)
        for (name, type, offset) in definition.members {
            guard let member = object.take(name) else { throw object.failure(name, "is required") }
            let number = try number(type, member, object.path(name))
            func store<T: FlatNumber>(_ number: T) {
                bytes.withUnsafeMutableBytes { $0.storeBytes(of: number, toByteOffset: offset, as: T.self) }
            }
            store(number)
        }
        try object.checkEmpty(definition.members.map(\.name))
        return bytes
    }

    private mutating func union(
        _ union: UnionDefinition, _ field: FieldDefinition, in object: inout JSONObject
    ) throws(MessageJSONError) -> Part? {
        let (typeName, path) = (field.name + "_type", object.path(field.name))
        let shortened = try object.takeCount(field)
        guard let node = object.take(field.name) else {
            guard object.take(typeName) == nil else { throw object.failure(field.name, "is missing beside its type") }
            return nil
        }
        let words = union.members.map(\.name).joined(separator: ", ")
        guard let type = object.take(typeName) else {
            throw object.failure(typeName, "is required: one of \(words)")
        }
        guard let word = type.text, let member = union.members.first(where: { $0.name == word }) else {
            throw Self.expected("one of \(words)", type, object.path(typeName))
        }
        guard union.isValue else { return .union(member.tag, try table(member.table, node, path: path)) }
        var members = [JSONNode.Member(name: "value", value: node)]
        if let shortened { members.append(.init(name: "value_count", value: .integer(Int64(shortened)))) }
        do throws(MessageJSONError) {
            return .union(member.tag, try table(member.table, .object(members), path: path))
        } catch {
            // The box around the value is not in the JSON, so it is not in the path either.
            throw MessageJSONError(error.path.replacing("\(path).value", with: path), error.reason)
        }
    }
}

extension FieldDefinition {
    fileprivate static func size<T: FlatNumber>(of number: T) -> Int { MemoryLayout<T>.size }
}

extension JSONNode {
    /// The value for an error message: short ones as they are.
    var shown: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .unsigned(let value): "\(value)"
        case .real(let value): "\(value)"
        case .text(let text): text.utf8.count <= 40 ? "\"\(text)\"" : "text"
        case .list, .object: kind
        }
    }
}
