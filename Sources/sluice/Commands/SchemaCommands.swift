import Schemas

/// `sluice schema list|show`.
enum SchemaCommands {
    static let all = [
        Command(
            "schema list", "Lists the schemas that messages are decoded by.", example: "sluice schema list",
            flags: [Table.formatFlag], run: list),
        Command(
            "schema show", "Shows a schema's fields with their types, units and an example.",
            example: "sluice schema show ev44", operands: "ID", count: 1...1,
            kinds: [.choice(Schema.all.map(\.identifier))], flags: [Table.formatFlag], run: show),
    ]

    private static func list(_ invocation: Invocation) throws -> Int32 {
        var table = Table(["schema", "status", "topics", "what"])
        for schema in Schema.all {
            let definition = schema.definition
            table.rows.append([
                .text(schema.identifier), .text(definition.status.rawValue),
                definition.topics.isEmpty ? .missing : .text(definition.topics.joined(separator: ",")),
                .text(definition.title),
            ])
        }
        try table.print(invocation)
        return ExitCode.success
    }

    private static func show(_ invocation: Invocation) throws -> Int32 {
        guard let schema = Schema.named(invocation.operands[0]) else {
            throw CommandError("there is no schema \(invocation.operands[0])", code: ExitCode.notFound)
        }
        let definition = schema.definition
        var table = Table(["field", "type", "required", "meaning"])
        add(definition.root, "", to: &table, depth: 0)
        guard invocation["--format"] != "json" else {
            try table.print(invocation)
            return ExitCode.success
        }
        Terminal.print("\(schema.identifier): \(definition.title) (\(definition.file), \(definition.status.rawValue))")
        if !definition.topics.isEmpty { Terminal.print("Topics: \(definition.topics.joined(separator: " "))") }
        Terminal.print("")
        try table.print(invocation)
        Terminal.print("\nExample: sluice encode --schema \(schema.identifier) --json '\(definition.example)'")
        return ExitCode.success
    }

    /// Tables within tables that are shown.
    private static let depthMax = 4

    private static func add(_ definition: TableDefinition, _ prefix: String, to table: inout Table, depth: Int) {
        for field in definition.fields {
            table.rows.append([
                .text(prefix + field.name), .text(field.type.word), .text(field.isRequired ? "yes" : ""),
                .text(field.text),
            ])
            guard depth < depthMax else { continue }
            switch field.type {
            case .table(let inner): add(inner, prefix + field.name + ".", to: &table, depth: depth + 1)
            case .tables(let inner, _): add(inner, prefix + field.name + "[].", to: &table, depth: depth + 1)
            default: continue
            }
        }
    }
}
