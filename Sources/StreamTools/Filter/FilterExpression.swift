import Schemas

/// A condition on messages, as people write it: `source_name == "det1" and message_id > 100`.
///
/// ```
/// condition  = term { ("or" | "||") term }
/// term       = factor { ("and" | "&&") factor }
/// factor     = ("not" | "!") factor | "(" condition ")" | field [ comparison ]
/// comparison = ("==" | "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~") value | "in" "(" value { "," value } ")"
/// value      = number | "text" | 'text' | word
/// ```
/// A field is one of the message (see `FieldPath`) or of the record around it: `record.` and `topic`, `partition`, `offset`,
/// `timestamp`, `key`, `size`, `schema` or `header.NAME`. `~` matches a pattern with `*` and `?`. A field alone asks whether
/// the message has it. A comparison with a field that a message does not have does not hold, whatever it compares.
public struct FilterExpression: Sendable {
    /// What is looked at.
    enum Subject: Sendable {
        case record(RecordProperty)
        case field(MessageField)
    }

    enum Comparison: String, Sendable {
        case equal = "==", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
        case like = "~", notLike = "!~"
    }

    indirect enum Node: Sendable {
        case all([Node])
        case any([Node])
        case not(Node)
        case compare(Subject, Comparison, FilterValue)
        case among(Subject, [FilterValue])
        case present(Subject)
    }

    let root: Node

    /// Parses a condition on messages of the schemas `identifiers` (nil: of all).
    ///
    /// - Throws: for a text that is no condition, and for a field that none of these schemas has.
    public init(_ text: String, in identifiers: [String]? = nil) throws(FilterSyntaxError) {
        var parser = try FilterParser(text, in: identifiers)
        root = try parser.parse()
    }
}
