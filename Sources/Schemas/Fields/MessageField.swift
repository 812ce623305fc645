/// A field of whatever schema a message has; messages of schemas without it have no value.
public struct MessageField: Sendable {
    private let fields: [String: SchemaField]

    /// The field at `path` in every schema of `identifiers` (nil: of all) that has it.
    ///
    /// - Throws: when none has it, or one of `identifiers` is no schema.
    public init(_ path: FieldPath, in identifiers: [String]? = nil) throws(FieldPathError) {
        var fields: [String: SchemaField] = [:]
        var failure: FieldPathError?
        for identifier in identifiers ?? Schema.all.map(\.identifier) {
            guard let schema = Schema.named(identifier) else {
                throw FieldPathError(path.description, "there is no schema \(identifier)")
            }
            do throws(FieldPathError) { fields[identifier] = try schema.field(path) } catch { failure = error }
        }
        if fields.isEmpty {
            if let failure, identifiers?.count == 1 { throw failure }
            let which = identifiers.map { "none of \($0.joined(separator: ", "))" } ?? "no schema"
            throw FieldPathError(path.description, "\(which) has such a field")
        }
        self.fields = fields
    }

    /// The field's value; nil if the message, or its schema, has none.
    public func value(in bytes: UnsafeRawBufferPointer) throws(SchemaError) -> FieldValue? {
        guard let identifier = SchemaIdentifier.of(bytes), let field = fields[identifier] else { return nil }
        return try field.value(in: bytes)
    }
}
