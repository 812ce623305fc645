import Synchronization

extension GroupCoordinator {
    /// What a list of groups says of each.
    struct Listing: Sendable {
        let id: String
        let kind: Group.Kind
        /// In Kafka's spelling.
        let state: String
        /// Empty for a group that never had members.
        let protocolType: String
    }

    /// A group with members, or with what they have left; nil also for one that only has offsets.
    func group(_ id: String) -> Group? { state.withLock { $0.table.group(id) } }

    /// Members of all groups.
    var memberCount: Int { state.withLock { $0.table.memberCount } }

    /// All groups sorted by name, with those of consumers without membership.
    func list() -> [Listing] {
        let all = state.withLock { $0.table.all }
        let members = all.map { id, group in
            Listing(id: id, kind: group.kind, state: group.stateName, protocolType: group.protocolType)
        }
        let simple = offsets.groups.filter { all[$0] == nil }.map { id in
            Listing(id: id, kind: .classic, state: ClassicGroup.State.empty.rawValue, protocolType: "")
        }
        return (members + simple).sorted { $0.id < $1.id }
    }
}
