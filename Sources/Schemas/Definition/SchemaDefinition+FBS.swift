extension SchemaDefinition {
    /// The schema in the FlatBuffers language, for people and for other programs' code generators.
    ///
    /// It has the tables, slots, types and defaults of the original file; comments are ours.
    public var fbs: String {
        var writer = FBSWriter()
        writer.table(root)
        return "// \(identifier): \(title)\n\n" + writer.text
            + "root_type \(root.name);\nfile_identifier \"\(identifier)\";\n"
    }
}

/// Writes tables with what they need in front of them, each once.
private struct FBSWriter {
    private(set) var text = ""
    private var written: Set<String> = []

    mutating func table(_ table: TableDefinition) {
        guard written.insert(table.name).inserted else { return }
        for field in table.fields { needs(field) }
        text += "table \(table.name) {\n"
        for field in table.fields {
            var attributes = ["id: \(field.slot + field.slotCount - 1)"]
            if field.isRequired { attributes.append("required") }
            if !field.text.isEmpty { text += "  /// \(field.text)\n" }
            text += "  \(field.name): \(type(of: field)) (\(attributes.joined(separator: ", ")));\n"
        }
        text += "}\n\n"
    }

    private mutating func needs(_ field: FieldDefinition) {
        switch field.type {
        case .enumeration(let enumeration, _): self.enumeration(enumeration)
        case .table(let inner), .tables(let inner, _): table(inner)
        case .union(let union): self.union(union)
        case .structure(let structure): self.structure(structure)
        default: break
        }
    }

    private mutating func enumeration(_ enumeration: EnumerationDefinition) {
        guard written.insert(enumeration.name).inserted else { return }
        let words = enumeration.words.map { "\($0.word) = \($0.value)" }.joined(separator: ", ")
        text += "enum \(enumeration.name): \(enumeration.type.fbsName) { \(words) }\n\n"
    }

    private mutating func union(_ union: UnionDefinition) {
        guard written.insert(union.name).inserted else { return }
        for member in union.members { table(member.table) }
        text += "union \(union.name) { \(union.members.map(\.name).joined(separator: ", ")) }\n\n"
    }

    private mutating func structure(_ structure: StructureDefinition) {
        guard written.insert(structure.name).inserted else { return }
        let members = structure.members.map { "\($0.name): \($0.type.fbsName);" }.joined(separator: " ")
        text += "struct \(structure.name) { \(members) }\n\n"
    }

    private func type(of field: FieldDefinition) -> String {
        switch field.type {
        case .bool: "bool"
        case .number(let type, let absent, _): type.fbsName + (absent == 0 ? "" : " = \(absent)")
        case .optionalNumber(let type): type.fbsName + " = null"
        case .enumeration(let enumeration, let absent):
            enumeration.name + (enumeration.word(absent).map { " = \($0)" } ?? "")
        case .string: "string"
        case .strings: "[string]"
        case .numbers(let type, _): "[\(type.fbsName)]"
        case .array: "[ubyte]"
        case .structure(let structure): structure.name
        case .table(let table): table.name
        case .tables(let table, _): "[\(table.name)]"
        case .union(let union): union.name
        }
    }
}
