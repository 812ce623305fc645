import Schemas
import Streams

/// Decides which messages fulfil a condition. A message is read only as far as the condition needs.
public struct MessageFilter {
    private let expression: FilterExpression

    /// A filter of one condition.
    public init(_ expression: FilterExpression) { self.expression = expression }

    /// Whether a record fulfils the condition. A message that cannot be decoded has no fields.
    public func matches(_ record: StreamRecord, _ partition: TopicPartition) -> Bool {
        Self.holds(expression.root, Context(record: record, partition: partition))
    }

    private struct Context {
        let record: StreamRecord
        let partition: TopicPartition
    }

    private static func holds(_ node: FilterExpression.Node, _ context: Context) -> Bool {
        switch node {
        case .all(let nodes): nodes.allSatisfy { holds($0, context) }
        case .any(let nodes): nodes.contains { holds($0, context) }
        case .not(let node): !holds(node, context)
        case .present(let subject): value(subject, context) != nil
        case .among(let subject, let values):
            value(subject, context).map { found in values.contains { compare(found, .equal, $0) } } ?? false
        case .compare(let subject, let comparison, let wanted):
            value(subject, context).map { compare($0, comparison, wanted) } ?? false
        }
    }

    private static func value(_ subject: FilterExpression.Subject, _ context: Context) -> FieldValue? {
        switch subject {
        case .field(let field):
            guard let bytes = context.record.value else { return nil }
            return (try? field.value(in: bytes)) ?? nil
        case .record(let property): return value(property, context)
        }
    }

    private static func value(_ property: RecordProperty, _ context: Context) -> FieldValue? {
        let record = context.record
        switch property {
        case .topic: return .text(context.partition.topic)
        case .partition: return .integer(Int64(context.partition.partition))
        case .offset: return .integer(record.offset)
        case .timestamp: return record.timestampMilliseconds < 0 ? nil : .integer(record.timestampMilliseconds)
        case .key: return record.key.map { .text(Payload.text($0)) }
        case .size: return .integer(Int64(record.value?.count ?? 0))
        case .schema: return .text(Payload(record.value).schema)
        case .header(let name):
            guard let header = record.headers.last(where: { $0.key == name }), let value = header.value else {
                return nil
            }
            return .text(value.withUnsafeBytes { Payload.text($0) })
        }
    }

    private static func compare(
        _ found: FieldValue, _ comparison: FilterExpression.Comparison, _ wanted: FilterValue
    ) -> Bool {
        if comparison == .like || comparison == .notLike {
            guard case .text(let text) = found else { return false }
            return TextPattern.matches(text, wanted.text) == (comparison == .like)
        }
        guard let order = order(found, wanted) else {
            // Different kinds are different values, and have no order.
            return comparison == .notEqual
        }
        switch comparison {
        case .equal: return order == 0
        case .notEqual: return order != 0
        case .less: return order < 0
        case .lessOrEqual: return order <= 0
        case .greater: return order > 0
        case .greaterOrEqual: return order >= 0
        case .like, .notLike: return false
        }
    }

    /// Negative, 0 or positive as `found` is less, equal or greater; nil when they cannot be compared.
    private static func order(_ found: FieldValue, _ wanted: FilterValue) -> Int? {
        switch found {
        case .text(let text): text == wanted.text ? 0 : text < wanted.text ? -1 : 1
        case .truth(let truth):
            switch wanted.text {
            case "true", "1": truth ? 0 : -1
            case "false", "0": truth ? 1 : 0
            default: nil
            }
        case .integer(let number): order(.integer(number), wanted.number)
        case .count(let number): order(.integer(Int64(number)), wanted.number)
        case .unsigned(let number): order(.unsigned(number), wanted.number)
        case .real(let number): order(.real(number), wanted.number)
        }
    }

    private static func order(_ left: FilterValue.Number, _ right: FilterValue.Number?) -> Int? {
        guard let right else { return nil }
        switch (left, right) {
        case (.integer(let left), .integer(let right)): return left == right ? 0 : left < right ? -1 : 1
        case (.unsigned(let left), .unsigned(let right)): return left == right ? 0 : left < right ? -1 : 1
        case (.integer, .unsigned): return -1
        case (.unsigned, .integer): return 1
        default:
            let (left, right) = (left.double, right.double)
            return left == right ? 0 : left < right ? -1 : left > right ? 1 : nil
        }
    }
}

extension FilterValue.Number {
    fileprivate var double: Double {
        switch self {
        case .integer(let number): Double(number)
        case .unsigned(let number): Double(number)
        case .real(let number): number
        }
    }
}
