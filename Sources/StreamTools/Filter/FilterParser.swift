import Schemas

/// Builds a condition's tree from its tokens, by descent: or, and, not, comparison.
struct FilterParser {
    /// Brackets and negations within each other.
    private static let depthMax = 64

    private let tokens: [FilterToken]
    /// The schemas whose messages are meant; nil for all.
    private let identifiers: [String]?
    private var index = 0
    private var depth = 0

    init(_ text: String, in identifiers: [String]?) throws(FilterSyntaxError) {
        tokens = try FilterLexer.tokens(text)
        self.identifiers = identifiers
    }

    mutating func parse() throws(FilterSyntaxError) -> FilterExpression.Node {
        let node = try condition()
        guard next.kind == .end else { throw failure("expected and, or or the end") }
        return node
    }

    private var next: FilterToken { tokens[index] }

    private mutating func take() -> FilterToken {
        defer { index = min(index + 1, tokens.count - 1) }
        return tokens[index]
    }

    private func failure(_ expectation: String) -> FilterSyntaxError {
        FilterSyntaxError(position: next.position, reason: "\(expectation), found \(next.shown)")
    }

    private mutating func skip(_ words: String...) -> Bool {
        switch next.kind {
        case .word(let text) where words.contains(text.lowercased()): break
        case .symbol(let text) where words.contains(text): break
        default: return false
        }
        _ = take()
        return true
    }

    private mutating func condition() throws(FilterSyntaxError) -> FilterExpression.Node {
        var nodes = [try term()]
        while skip("or", "||") { nodes.append(try term()) }
        return nodes.count == 1 ? nodes[0] : .any(nodes)
    }

    private mutating func term() throws(FilterSyntaxError) -> FilterExpression.Node {
        var nodes = [try factor()]
        while skip("and", "&&") { nodes.append(try factor()) }
        return nodes.count == 1 ? nodes[0] : .all(nodes)
    }

    private mutating func factor() throws(FilterSyntaxError) -> FilterExpression.Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else { throw failure("expected fewer than \(Self.depthMax) nested brackets") }
        if skip("not", "!") { return .not(try factor()) }
        if skip("(") {
            let inside = try condition()
            guard skip(")") else { throw failure("expected )") }
            return inside
        }
        let subject = try subject()
        if skip("in") { return .among(subject, try list()) }
        guard let comparison = comparison() else { return .present(subject) }
        return .compare(subject, comparison, try value("behind \(comparison.rawValue)"))
    }

    private mutating func subject() throws(FilterSyntaxError) -> FilterExpression.Subject {
        guard case .word(let name) = next.kind else { throw failure("expected a field such as source_name") }
        if name.hasPrefix("record.") {
            guard let property = RecordProperty(String(name.dropFirst(7))) else {
                let known = "topic, partition, offset, timestamp, key, size, schema or header.NAME"
                throw failure("expected record. and \(known)")
            }
            _ = take()
            return .record(property)
        }
        let path: FieldPath
        do throws(FieldPathError) { path = try FieldPath(name) } catch {
            throw failure("expected a field such as source_name or data[0].name")
        }
        let field: MessageField
        do throws(FieldPathError) { field = try MessageField(path, in: identifiers) } catch {
            let hint = RecordProperty(name) == nil ? "" : "; the record's own is record.\(name)"
            throw FilterSyntaxError(position: next.position, reason: "\(error)\(hint)")
        }
        _ = take()
        return .field(field)
    }

    private mutating func comparison() -> FilterExpression.Comparison? {
        guard case .symbol(let text) = next.kind else { return nil }
        let found: FilterExpression.Comparison?
        switch text {
        case "=": found = .equal
        case "<>": found = .notEqual
        case "=~": found = .like
        default: found = FilterExpression.Comparison(rawValue: text)
        }
        if found != nil { _ = take() }
        return found
    }

    private mutating func list() throws(FilterSyntaxError) -> [FilterValue] {
        guard skip("(") else { throw failure("expected ( behind in") }
        var values = [try value("in the list")]
        while skip(",") { values.append(try value("in the list")) }
        guard skip(")") else { throw failure("expected , or )") }
        return values
    }

    private mutating func value(_ place: String) throws(FilterSyntaxError) -> FilterValue {
        switch next.kind {
        case .quoted(let text):
            _ = take()
            return FilterValue(text: text, number: nil)
        case .word(let text):
            _ = take()
            let number: FilterValue.Number? =
                Int64(text).map { .integer($0) } ?? UInt64(text).map { .unsigned($0) } ?? Double(text).map { .real($0) }
            return FilterValue(text: text, number: number)
        case .symbol, .end: throw failure("expected a value \(place)")
        }
    }
}
