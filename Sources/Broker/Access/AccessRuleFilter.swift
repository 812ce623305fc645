/// Which access rules are looked for (Kafka's `AclBindingFilter`); nil fields find anything.
struct AccessRuleFilter: Sendable {
    /// How names of resources are compared.
    enum PatternFilter: Sendable, Equatable {
        /// Rules of any pattern whose name is the given one.
        case any
        /// Rules that cover the resource of the given name.
        case match
        /// Rules of this pattern whose name is the given one.
        case exactly(AccessRule.Pattern)

        /// The filter of this number (Kafka's `PatternType`); nil for numbers that are not known.
        init?(rawValue: Int8) {
            switch rawValue {
            case 1: self = .any
            case 2: self = .match
            default:
                guard let pattern = AccessRule.Pattern(rawValue: rawValue) else { return nil }
                self = .exactly(pattern)
            }
        }
    }

    var resource: AccessResource?
    var name: String?
    var pattern: PatternFilter = .any
    var principal: String?
    var host: String?
    var operation: AccessOperation?
    var permission: AccessRule.Permission?

    /// Whether the filter finds `rule`.
    func matches(_ rule: AccessRule) -> Bool {
        (resource == nil || resource == rule.resource) && matchesName(rule)
            && (principal == nil || principal == rule.principal) && (host == nil || host == rule.host)
            && (operation == nil || operation == rule.operation) && (permission == nil || permission == rule.permission)
    }

    private func matchesName(_ rule: AccessRule) -> Bool {
        if case .exactly(let wanted) = pattern, wanted != rule.pattern { return false }
        guard let name else { return true }
        return pattern == .match ? rule.covers(rule.resource, name) : name == rule.name
    }
}
