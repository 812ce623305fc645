import FlatBuffers

/// A checked view of one message of one schema: it copies nothing, and borrows the bytes that it was made from.
///
/// Making a view verifies the whole message, so reading its properties cannot fail. It must not outlive the bytes.
public protocol SchemaView: SendableMetatype {
    /// The file identifier: four ASCII characters at byte 4.
    static var identifier: String { get }

    /// The schema as data, for JSON, field paths and descriptions.
    static var definition: SchemaDefinition { get }

    /// A view of the root table `table`, every field checked.
    init(table: FlatBufferTable) throws(FlatBufferError)

    /// One line for people, without the identifier.
    var summary: String { get }

    /// Neutron or muon events in the message; nil if the schema carries no events.
    var eventCount: Int? { get }
}

extension SchemaView {
    /// A view of the message in `bytes`, which may be misaligned.
    @inlinable
    public init(_ bytes: UnsafeRawBufferPointer) throws(SchemaError) {
        do throws(FlatBufferError) {
            self = try Self(table: FlatBufferTable(root: bytes, identifier: Self.identifier))
        } catch {
            throw .malformed(identifier: Self.identifier, cause: error)
        }
    }

    public var eventCount: Int? { nil }
}

/// What tells one schema of a family apart from the others; their views are one generic type.
public protocol SchemaFormat: Sendable {
    /// The file identifier: four ASCII characters at byte 4.
    static var identifier: String { get }
    /// The schema as data.
    static var definition: SchemaDefinition { get }
}

/// A schema's enumeration, whose values count up from 0.
public protocol SchemaEnumeration: RawRepresentable, CaseIterable, Sendable where RawValue: FlatScalar & BinaryInteger {
    /// The values' names in the .fbs file, in their order.
    static var words: [String] { get }
}

extension SchemaEnumeration {
    /// The value's name in the .fbs file.
    public var word: String { Self.words[Int(rawValue)] }
}

extension FlatBufferTable {
    /// The enumeration value in `slot`; a value that the schema does not know is an error.
    @inlinable
    func enumeration<T: SchemaEnumeration>(
        _ slot: Int, _ name: StaticString, default absent: T
    ) throws(FlatBufferError) -> T {
        let raw = try scalar(slot, name, default: absent.rawValue)
        guard let value = T(rawValue: raw) else { throw failure(.unknownValue(Int(raw)), name) }
        return value
    }
}
