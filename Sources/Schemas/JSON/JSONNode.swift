/// A parsed JSON value (RFC 8259). Integers keep all 64 bits, and members keep their order.
public indirect enum JSONNode: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// An integer above the range of `Int64`.
    case unsigned(UInt64)
    case real(Double)
    case text(String)
    case list([JSONNode])
    case object([Member])

    /// A member of an object.
    public struct Member: Equatable, Sendable {
        /// Its name.
        public let name: String
        /// Its value.
        public let value: JSONNode
    }

    /// The member of this name (the last one when there are several); nil when absent or not an object.
    public subscript(_ name: String) -> JSONNode? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    /// The text; nil for anything else.
    public var text: String? {
        if case .text(let text) = self { return text }
        return nil
    }

    /// The elements; nil for anything else.
    public var list: [JSONNode]? {
        if case .list(let list) = self { return list }
        return nil
    }

    /// The members; nil for anything else.
    public var members: [Member]? {
        if case .object(let members) = self { return members }
        return nil
    }

    /// An integer that fits; nil for anything else.
    public var integer: Int64? {
        if case .integer(let value) = self { return value }
        return nil
    }

    /// What kind of value this is, for messages.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .integer, .unsigned, .real: "a number"
        case .text: "text"
        case .list: "a list"
        case .object: "an object"
        }
    }
}
