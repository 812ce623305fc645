/// A set of access rules and what follows from it; a value without side effects.
///
/// A denial wins over every permission. What no rule speaks of is denied, unless the resource has no rules at all and
/// `allowsUnlisted` is on (Kafka's `allow.everyone.if.no.acl.found`).
struct AccessRules: Sendable {
    /// The outcome of a question.
    enum Decision: Sendable, Equatable {
        case allowed
        case denied
    }

    private struct Place: Hashable {
        let resource: AccessResource
        let name: String
    }

    /// Rules by the name that they give, one table for each pattern: a question looks up its own name, `*`, and its
    /// prefixes of the lengths that occur.
    private var literal: [Place: Set<AccessRule>] = [:]
    private var prefixed: [Place: Set<AccessRule>] = [:]
    /// How many names of each length the prefixes have.
    private var prefixLengths: [Int: Int] = [:]
    /// How many rules there are.
    private(set) var count = 0

    /// No rules.
    init() {}

    /// All rules, in no order.
    var all: [AccessRule] { literal.values.flatMap { $0 } + prefixed.values.flatMap { $0 } }

    /// Adds a rule; false when it was there.
    @discardableResult
    mutating func insert(_ rule: AccessRule) -> Bool {
        let place = Place(resource: rule.resource, name: rule.name)
        let isNew: Bool
        switch rule.pattern {
        case .literal: isNew = literal[place, default: []].insert(rule).inserted
        case .prefixed:
            if prefixed[place] == nil { prefixLengths[rule.name.utf8.count, default: 0] += 1 }
            isNew = prefixed[place, default: []].insert(rule).inserted
        }
        if isNew { count += 1 }
        return isNew
    }

    /// Removes a rule; false when it was not there.
    @discardableResult
    mutating func remove(_ rule: AccessRule) -> Bool {
        let place = Place(resource: rule.resource, name: rule.name)
        let wasThere: Bool
        switch rule.pattern {
        case .literal:
            wasThere = literal[place]?.remove(rule) != nil
            if literal[place]?.isEmpty == true { literal[place] = nil }
        case .prefixed:
            wasThere = prefixed[place]?.remove(rule) != nil
            if prefixed[place]?.isEmpty == true {
                prefixed[place] = nil
                prefixLengths[rule.name.utf8.count, default: 1] -= 1
                if prefixLengths[rule.name.utf8.count] == 0 { prefixLengths[rule.name.utf8.count] = nil }
            }
        }
        if wasThere { count -= 1 }
        return wasThere
    }

    /// The rules that `filter` finds, in no order.
    func matching(_ filter: AccessRuleFilter) -> [AccessRule] { all.filter(filter.matches) }

    /// The rules that name a resource.
    func covering(_ resource: AccessResource, _ name: String) -> [AccessRule] {
        var found = Array(literal[Place(resource: resource, name: name)] ?? [])
        if name != AccessRule.wildcard {
            found += literal[Place(resource: resource, name: AccessRule.wildcard)] ?? []
        }
        let bytes = name.utf8
        for length in prefixLengths.keys where length <= bytes.count {
            guard let prefix = String(bytes.prefix(length)) else { continue }
            found += prefixed[Place(resource: resource, name: prefix)] ?? []
        }
        return found
    }

    /// Whether a client may do `operation` to a resource.
    func decide(
        _ operation: AccessOperation, on resource: AccessResource, _ name: String, principal: String, host: String,
        allowsUnlisted: Bool = false
    ) -> Decision {
        let rules = covering(resource, name)
        guard !rules.isEmpty else { return allowsUnlisted ? .allowed : .denied }
        let applying = rules.filter { $0.applies(to: principal, from: host, doing: operation) }
        if applying.contains(where: { $0.permission == .deny }) { return .denied }
        return applying.isEmpty ? .denied : .allowed
    }

    /// The operations that a client may do to a resource, a bit for each (an `authorizedOperations` field).
    func authorizedOperations(
        on resource: AccessResource, _ name: String, principal: String, host: String, allowsUnlisted: Bool = false
    ) -> Int32 {
        resource.operations.reduce(0) { bits, operation in
            let decision = decide(
                operation, on: resource, name, principal: principal, host: host, allowsUnlisted: allowsUnlisted)
            return decision == .allowed ? bits | operation.bit : bits
        }
    }
}
