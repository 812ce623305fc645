import Synchronization

/// Settings of the broker and of groups that were changed while the broker runs; kept in `__cluster_metadata`.
///
/// Thread-safe. Looking up never waits; a change blocks until it is durable and belongs on a worker thread. Topics have
/// their settings in the catalog.
final class DynamicSettings: Sendable {
    /// Groups that may have settings of their own.
    static let groupsMax = 10_000

    private struct State: Sendable {
        var broker: BrokerConfiguration
        var groups: [String: [String: String]] = [:]

        mutating func apply(_ record: SettingsRecord) {
            switch record.resource {
            case .cluster: broker.cluster = record.settings
            case .node: broker.node = record.settings
            case .group(let name): groups[name] = record.settings.isEmpty ? nil : record.settings
            }
        }
    }

    private let store: MetadataStore
    private let state: Mutex<State>

    /// Reads what `store` holds.
    init(_ store: MetadataStore, _ options: BrokerOptions) {
        self.store = store
        var read = State(broker: BrokerConfiguration(options))
        for case .settings(let record) in store.records { read.apply(record) }
        state = Mutex(read)
    }

    /// The broker's settings now.
    var broker: BrokerConfiguration { state.withLock { $0.broker } }

    /// The settings of a group that differ from the defaults.
    func group(_ name: String) -> [String: String] { state.withLock { $0.groups[name] ?? [:] } }

    /// The names of groups that have settings of their own, sorted.
    var groupNames: [String] { state.withLock { $0.groups.keys.sorted() } }

    /// The settings that a resource has of its own.
    func settings(_ resource: SettingsRecord.Resource) -> [String: String] {
        switch resource {
        case .cluster: broker.cluster
        case .node: broker.node
        case .group(let name): group(name)
        }
    }

    /// Replaces the settings of a resource, durably; each was checked before.
    func replace(_ resource: SettingsRecord.Resource, _ settings: [String: String]) throws(BrokerError) {
        let record = SettingsRecord(resource: resource, settings: settings)
        if case .group(let name) = resource, group(name).isEmpty, groupNames.count >= Self.groupsMax {
            throw BrokerError(.limitReached, "\(Self.groupsMax) groups have settings of their own, which is the most")
        }
        try store.put([.settings(record)])
        state.withLock { $0.apply(record) }
    }
}
