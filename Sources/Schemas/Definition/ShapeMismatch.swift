import FlatBuffers

/// What is wrong with an array that has another number of elements than its shape says.
///
/// A text and bytes of unknown meaning have no such number. A message like that can be read and shown, since somebody
/// has to find out who sends it; whoever uses the elements by their shape asks first.
public struct ShapeMismatch: Equatable, Sendable, CustomStringConvertible {
    /// Elements that there are.
    public let count: Int
    /// What is wrong, such as `5 elements, but the shape 2x3 stands for 6`.
    public let description: String

    /// Compares `array` with its shape; nil when they agree.
    init?(of array: TypedArray, _ shape: some Collection<some FixedWidthInteger>) {
        self.init(count: array.count, of: array.type, shape)
    }

    /// Compares a number of elements with a shape; nil when they agree.
    init?(count: Int, of type: ElementType, _ shape: some Collection<some FixedWidthInteger>) {
        guard case .number = type else { return nil }
        let product = Self.product(shape)
        guard product != count else { return nil }
        self.count = count
        let which = shape.isEmpty ? "a shape without axes" : "the shape \(shape.asShape)"
        description = "\(count) elements, but \(which) " + (product.map { "stands for \($0)" } ?? "is impossible")
    }

    /// Elements of a shape; nil for more than there can be, and for fewer than none.
    private static func product(_ shape: some Collection<some FixedWidthInteger>) -> Int? {
        if shape.contains(0) { return 0 }
        var product = 1
        for size in shape {
            guard let size = Int(exactly: size), size > 0 else { return nil }
            let (larger, overflows) = product.multipliedReportingOverflow(by: size)
            guard !overflows else { return nil }
            product = larger
        }
        return product
    }
}

extension Collection where Element: BinaryInteger {
    /// The numbers as a shape for people, such as `2x3`; of more than eight only the first ones.
    var asShape: String { prefix(8).map { "\($0)" }.joined(separator: "x") + (count > 8 ? "x..." : "") }
}

extension TableDefinition {
    /// How the shape in `slot` of `table` disagrees with a number of elements; nil when they agree, or it is absent.
    func shapeMismatch(
        _ slot: Int, count: Int, of type: ElementType, in table: FlatBufferTable
    ) throws(FlatBufferError) -> ShapeMismatch? {
        let field = shapeField(slot)
        func read<T: FlatScalar & FixedWidthInteger>(_: T.Type) throws(FlatBufferError) -> ShapeMismatch? {
            guard let shape = try table.vector(field.slot, field.label, of: T.self) else { return nil }
            return ShapeMismatch(count: count, of: type, shape)
        }
        if case .numbers(.uint64, _) = field.type { return try read(UInt64.self) }
        return try read(Int64.self)
    }

    /// The field that says how many elements an array has along each axis.
    func shapeField(_ slot: Int) -> FieldDefinition {
        guard let field = fields.first(where: { $0.slot == slot }), case .numbers(let type, _) = field.type,
            type == .int64 || type == .uint64
        else { preconditionFailure("slot \(slot) of \(name) holds no shape") }
        return field
    }
}
