/// Why a FlatBuffer could not be read: what is wrong, in which field, at which byte.
public struct FlatBufferError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Equatable, Sendable {
        /// The buffer is too short for a root offset and a file identifier; `count` is its length.
        case tooShort(count: Int)
        /// The file identifier is another one (nil: not printable).
        case identifier(expected: String, found: String?)
        /// An offset, a table, a vector or a string reaches past either end of the buffer.
        case outside
        /// A vtable whose size is odd or smaller than its own header.
        case virtualTable
        /// Tables nested deeper than `FlatBufferTable.depthMaximum`.
        case depth
        /// A vector of more tables than its schema, or `FlatBufferTable.tablesMaximum`, allows.
        case tooManyTables(count: Int)
        /// Bytes that are not a whole number of elements of `size` bytes.
        case partialElement(count: Int, size: Int)
        /// Parts of the buffer are used so often that it stands for far more than its own size.
        case unfolds
        /// A field that the schema requires is absent.
        case missing
        /// An enumeration or union tag that the schema does not know.
        case unknownValue(Int)
    }

    /// What is wrong.
    public let reason: Reason
    /// The field's name in its schema, or `root`.
    public let field: String
    /// Bytes from the start of the buffer to the place that is wrong.
    public let position: Int

    /// An error about `field`, seen at `position`.
    public init(_ reason: Reason, field: String, position: Int) {
        self.reason = reason
        self.field = field
        self.position = position
    }

    public var description: String {
        switch reason {
        case .tooShort(let count):
            "a FlatBuffer needs at least 8 bytes for its root and identifier, got \(count)"
        case .identifier(let expected, let found):
            "expected a FlatBuffer with identifier \(expected), found \(found ?? "none")"
        case .outside: "field \(field) reaches outside the buffer (offset at byte \(position))"
        case .virtualTable: "field \(field) has a malformed vtable at byte \(position)"
        case .depth: "field \(field) at byte \(position) is nested deeper than \(FlatBufferTable.depthMaximum) tables"
        case .tooManyTables(let count):
            "field \(field) at byte \(position) holds \(count) tables, more than are allowed"
        case .partialElement(let count, let size):
            "field \(field) of the table at byte \(position) has \(count) bytes: not whole elements of \(size) bytes"
        case .unfolds: "field \(field) at byte \(position) unfolds into far more than the message's size"
        case .missing: "required field \(field) is absent from the table at byte \(position)"
        case .unknownValue(let value): "field \(field) at byte \(position) has the unknown value \(value)"
        }
    }
}
