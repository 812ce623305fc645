import Bytes

/// What `__cluster_metadata` holds of one access rule: all of it is the key. The layout is explained at
/// `MetadataRecord`.
struct AccessRuleRecord: Equatable, Sendable {
    var rule: AccessRule
    /// Whether the record takes the rule away.
    var isRemoval: Bool

    init(_ rule: AccessRule, isRemoval: Bool = false) {
        self.rule = rule
        self.isRemoval = isRemoval
    }

    func encodeKey(into writer: inout ByteWriter) {
        writer.int8(rule.resource.rawValue)
        writer.int8(rule.pattern.rawValue)
        writer.int8(rule.operation.rawValue)
        writer.int8(rule.permission.rawValue)
        writer.shortString(rule.name)
        writer.shortString(rule.principal)
        writer.shortString(rule.host)
    }

    /// Reads the key; a record without a value is a removal.
    init(key: inout ByteReader, value: ByteReader?) throws(DecodeError) {
        guard let resource = AccessResource(rawValue: try key.int8()),
            let pattern = AccessRule.Pattern(rawValue: try key.int8()),
            let operation = AccessOperation(rawValue: try key.int8()),
            let permission = AccessRule.Permission(rawValue: try key.int8())
        else { throw DecodeError("number in an access rule", at: key.position) }
        rule = AccessRule(
            resource: resource, pattern: pattern, name: try key.shortString(), principal: try key.shortString(),
            host: try key.shortString(), operation: operation, permission: permission)
        isRemoval = value == nil
    }
}
