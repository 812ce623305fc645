import Synchronization

/// The access rules; kept in `__cluster_metadata`.
///
/// Thread-safe. Looking up never waits; a change blocks until it is durable and belongs on a worker thread.
final class AccessRuleStore: Sendable {
    /// Rules that there may be.
    static let rulesMax = 10_000

    private let store: MetadataStore
    private let state: Mutex<AccessRules>

    /// Reads what `store` holds.
    init(_ store: MetadataStore) {
        self.store = store
        var rules = AccessRules()
        for case .accessRule(let record) in store.records { rules.insert(record.rule) }
        state = Mutex(rules)
    }

    /// The rules now.
    var rules: AccessRules { state.withLock { $0 } }

    /// Adds rules, durably; those that are there already stay.
    func add(_ added: [AccessRule]) throws(BrokerError) {
        let present = rules
        let new = Set(added).subtracting(present.all)
        guard present.count + new.count <= Self.rulesMax else {
            throw BrokerError(.limitReached, "\(Self.rulesMax) access rules are the most")
        }
        try store.put(new.map { .accessRule(AccessRuleRecord($0)) })
        state.withLock { rules in
            for rule in new { rules.insert(rule) }
        }
    }

    /// Removes rules, durably.
    func remove(_ removed: Set<AccessRule>) throws(BrokerError) {
        try store.put(removed.map { .accessRule(AccessRuleRecord($0, isRemoval: true)) })
        state.withLock { rules in
            for rule in removed { rules.remove(rule) }
        }
    }
}
