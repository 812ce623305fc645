extension Schema {
    /// The field at `path`.
    ///
    /// - Throws: when messages of this schema have no such field.
    public func field(_ path: FieldPath) throws(FieldPathError) -> SchemaField {
        if path.steps == [FieldPath.Step(name: "schema", index: nil)] { return SchemaField(self, .schema) }
        return SchemaField(self, try route(path.steps[...], in: definition.root, path))
    }

    private func route(
        _ steps: ArraySlice<FieldPath.Step>, in table: TableDefinition, _ path: FieldPath
    ) throws(FieldPathError) -> SchemaField.Route {
        guard let step = steps.first else { throw FieldPathError(path.description, "is not a field") }
        let rest = steps.dropFirst()
        if let field = table.field(step.name) {
            if !rest.isEmpty { return try inner(field, step, rest, path) }
            if step.index != nil, !field.hasElements { throw notAnArray(step, path) }
            return .field(field, of: table, .value, index: step.index)
        }
        if rest.isEmpty, let (field, aspect) = companion(step, in: table) {
            if step.index != nil, aspect != .date || !field.hasElements { throw notAnArray(step, path) }
            return .field(field, of: table, aspect, index: step.index)
        }
        let names = table.fields.map(\.name).joined(separator: ", ")
        throw FieldPathError(path.description, "\(identifier) has no \(step.name) there; it has \(names)")
    }

    private func notAnArray(_ step: FieldPath.Step, _ path: FieldPath) -> FieldPathError {
        FieldPathError(path.description, "\(step.name) of \(identifier) is not an array")
    }

    /// The field that a name with an ending explains.
    private func companion(
        _ step: FieldPath.Step, in table: TableDefinition
    ) -> (FieldDefinition, SchemaField.Aspect)? {
        let endings: [(String, SchemaField.Aspect)] = [
            ("_iso", .date), ("_count", .count), ("_type", .type), ("_mismatch", .mismatch),
        ]
        for (ending, aspect) in endings {
            guard step.name.hasSuffix(ending), let field = table.field(String(step.name.dropLast(ending.count))) else {
                continue
            }
            switch (aspect, field.type) {
            case (.date, .structure), (.type, .union), (.mismatch, .array(_, .some)): return (field, aspect)
            case (.date, _) where field.type.time != nil: return (field, aspect)
            case (.count, _) where field.hasElements: return (field, aspect)
            default: continue
            }
        }
        return nil
    }

    /// The way on, into the tables of `field`.
    private func inner(
        _ field: FieldDefinition, _ step: FieldPath.Step, _ rest: ArraySlice<FieldPath.Step>, _ path: FieldPath
    ) throws(FieldPathError) -> SchemaField.Route {
        if step.index != nil, !field.hasElements { throw notAnArray(step, path) }
        switch field.type {
        case .table(let table): return .table(field, try route(rest, in: table, path))
        case .tables(let table, _):
            guard let index = step.index else {
                throw FieldPathError(path.description, "\(step.name) is an array: say which element, \(step.name)[0]")
            }
            return .element(field, index, try route(rest, in: table, path))
        case .union(let union) where !union.isValue:
            var routes: [UInt8: SchemaField.Route] = [:]
            var failure = FieldPathError(path.description, "is not a field")
            for member in union.members {
                do throws(FieldPathError) { routes[member.tag] = try route(rest, in: member.table, path) } catch {
                    failure = error
                }
            }
            guard !routes.isEmpty else { throw failure }
            return .union(field, routes)
        case .structure(let structure):
            if rest.count == 1, let name = rest.first?.name, rest.first?.index == nil,
                let member = structure.members.first(where: { $0.name == name })
            {
                return .structure(field, member.type, offset: member.offset)
            }
            let names = structure.members.map(\.name).joined(separator: ", ")
            throw FieldPathError(path.description, "\(step.name) has only \(names)")
        default: throw FieldPathError(path.description, "\(step.name) of \(identifier) has no fields in it")
        }
    }
}
