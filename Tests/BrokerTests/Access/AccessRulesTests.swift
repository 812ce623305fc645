import TestSupport
import Testing

@testable import Broker

@Suite struct AccessRulesTests {
    private static let names = ["a", "ab", "abc", "b", "*", "ä"]
    private static let principals = ["User:anna", "User:bob", "User:*"]
    private static let hosts = ["10.0.0.1", "10.0.0.2", "*"]

    private static func rule(_ generator: inout SplitMix) -> AccessRule {
        AccessRule(
            resource: [.topic, .group].randomElement(using: &generator)!,
            pattern: AccessRule.Pattern.allCases.randomElement(using: &generator)!,
            name: names.randomElement(using: &generator)!, principal: principals.randomElement(using: &generator)!,
            host: hosts.randomElement(using: &generator)!,
            operation: [.all, .read, .write, .describe, .alter, .delete, .alterConfigs, .describeConfigs]
                .randomElement(using: &generator)!,
            permission: [.allow, .allow, .deny].randomElement(using: &generator)!)
    }

    /// Kafka's rules read aloud: every rule is looked at, in any order.
    private static func model(
        _ rules: [AccessRule], _ operation: AccessOperation, _ resource: AccessResource, _ name: String,
        _ principal: String, _ host: String, _ allowsUnlisted: Bool
    ) -> AccessRules.Decision {
        var (hasRules, isAllowed) = (false, false)
        for rule in rules where rule.resource == resource {
            let covers =
                rule.pattern == .literal ? ["*", name].contains(rule.name) : name.hasPrefix(rule.name)
            guard covers else { continue }
            hasRules = true
            guard [principal, "User:*"].contains(rule.principal), [host, "*"].contains(rule.host) else { continue }
            let isSame = rule.operation == .all || rule.operation == operation
            if rule.permission == .deny {
                if isSame { return .denied }
                continue
            }
            let implies =
                operation == .describe && [.read, .write, .delete, .alter].contains(rule.operation)
                || operation == .describeConfigs && rule.operation == .alterConfigs
            if isSame || implies { isAllowed = true }
        }
        return hasRules ? (isAllowed ? .allowed : .denied) : (allowsUnlisted ? .allowed : .denied)
    }

    @Test func randomRulesDecideAsKafkaReadsThem() {
        var generator = SplitMix(11)
        for _ in 0..<300 {
            var rules = AccessRules()
            var list: Set<AccessRule> = []
            for _ in 0..<Int.random(in: 0...12, using: &generator) {
                let rule = Self.rule(&generator)
                let isNew = rules.insert(rule)
                #expect(isNew == list.insert(rule).inserted)
            }
            for rule in list where Bool.random(using: &generator) && Bool.random(using: &generator) {
                list.remove(rule)
                let (first, second) = (rules.remove(rule), rules.remove(rule))
                #expect(first && !second)
            }
            #expect(rules.count == list.count && Set(rules.all) == list)
            for _ in 0..<40 {
                let operation = AccessResource.topic.operations.randomElement(using: &generator)!
                let resource = [AccessResource.topic, .group].randomElement(using: &generator)!
                let name = ["a", "ab", "abcd", "b", "c", "äö", ""].randomElement(using: &generator)!
                let principal = ["User:anna", "User:bob", "User:carl"].randomElement(using: &generator)!
                let host = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].randomElement(using: &generator)!
                let unlisted = Bool.random(using: &generator)
                let decision = rules.decide(
                    operation, on: resource, name, principal: principal, host: host, allowsUnlisted: unlisted)
                let expected = Self.model(Array(list), operation, resource, name, principal, host, unlisted)
                #expect(decision == expected, "\(list) \(operation) \(resource) \(name) \(principal) \(host)")
            }
        }
    }

    @Test func denialsWinAndPermissionsImply() {
        var rules = AccessRules()
        func decide(_ operation: AccessOperation, _ name: String = "LARMOR_events") -> AccessRules.Decision {
            rules.decide(operation, on: .topic, name, principal: "User:anna", host: "10.0.0.1")
        }
        #expect(decide(.read) == .denied)
        rules.insert(
            AccessRule(
                resource: .topic, pattern: .prefixed, name: "LARMOR_", principal: "User:anna", host: "*",
                operation: .read, permission: .allow))
        #expect(decide(.read) == .allowed && decide(.describe) == .allowed && decide(.write) == .denied)
        #expect(decide(.read, "MERLIN_events") == .denied)
        rules.insert(
            AccessRule(
                resource: .topic, pattern: .literal, name: "*", principal: "User:*", host: "10.0.0.1",
                operation: .describe, permission: .deny))
        // To be denied one operation denies no other.
        #expect(decide(.describe) == .denied && decide(.read) == .allowed)
        let bits = rules.authorizedOperations(on: .topic, "LARMOR_events", principal: "User:anna", host: "10.0.0.1")
        #expect(bits == AccessOperation.read.bit)
    }

    @Test func filtersFindRules() {
        func rule(_ pattern: AccessRule.Pattern, _ name: String) -> AccessRule {
            AccessRule(
                resource: .topic, pattern: pattern, name: name, principal: "User:anna", host: "*", operation: .read,
                permission: .allow)
        }
        let rules = [rule(.literal, "abc"), rule(.literal, "*"), rule(.prefixed, "ab"), rule(.prefixed, "abc")]
        func found(_ pattern: AccessRuleFilter.PatternFilter, _ name: String?) -> [Int] {
            let filter = AccessRuleFilter(name: name, pattern: pattern)
            return rules.indices.filter { filter.matches(rules[$0]) }
        }
        #expect(found(.any, nil) == [0, 1, 2, 3])
        #expect(found(.any, "abc") == [0, 3])
        #expect(found(.exactly(.literal), "abc") == [0])
        #expect(found(.exactly(.prefixed), nil) == [2, 3])
        #expect(found(.match, "abc") == [0, 1, 2, 3])
        #expect(found(.match, "abd") == [1, 2])
        #expect(!AccessRuleFilter(resource: .group).matches(rules[0]))
        #expect(!AccessRuleFilter(principal: "User:bob").matches(rules[0]))
        #expect(!AccessRuleFilter(permission: .deny).matches(rules[0]))
        #expect(AccessRuleFilter(operation: .read).matches(rules[0]))
    }
}
