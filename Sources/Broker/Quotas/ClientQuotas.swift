import Synchronization

/// The quotas of clients; kept in `__cluster_metadata`.
///
/// Thread-safe. Looking up never waits; a change blocks until it is durable and belongs on a worker thread.
final class ClientQuotas: Sendable {
    /// Entities that may have quotas.
    static let entitiesMax = 10_000

    /// The quotas of one entity.
    struct Entry: Sendable {
        let entity: QuotaEntity
        let values: [QuotaKey: Double]
    }

    /// The quota that counts for a client, and the entity whose members share it.
    struct Limit: Equatable, Sendable {
        let sharedBy: QuotaEntity
        let perSecond: Double
    }

    private let store: MetadataStore
    private let state: Mutex<[QuotaEntity: [QuotaKey: Double]]>
    /// Whether there is any quota at all, which is looked at with every request.
    private let isUsed: Atomic<Bool>

    /// Reads what `store` holds.
    init(_ store: MetadataStore) {
        self.store = store
        var read: [QuotaEntity: [QuotaKey: Double]] = [:]
        for case .quota(let record) in store.records { read[record.entity] = record.values }
        isUsed = Atomic(!read.isEmpty)
        state = Mutex(read)
    }

    /// Whether nobody has a quota.
    var isEmpty: Bool { !isUsed.load(ordering: .relaxed) }

    /// The quotas that `filter` finds, sorted by entity.
    func entries(_ filter: QuotaFilter) -> [Entry] {
        state.withLock { quotas in
            quotas.filter { filter.matches($0.key) }.map { Entry(entity: $0.key, values: $0.value) }
        }.sorted { $0.entity.sortKey < $1.entity.sortKey }
    }

    /// The quota that counts for a user's client: the most special one, in Kafka's order.
    func limit(_ key: QuotaKey, user: String, clientID: String) -> Limit? {
        guard !isEmpty else { return nil }
        return state.withLock { quotas in
            for userName in [QuotaEntity.Name.named(user), .default] {
                for clientName in [QuotaEntity.Name.named(clientID), .default, nil] {
                    let entity = QuotaEntity(user: userName, clientID: clientName)
                    guard let value = quotas[entity]?[key] else { continue }
                    return Limit(
                        sharedBy: QuotaEntity(
                            user: .named(user), clientID: clientName == nil ? nil : .named(clientID)),
                        perSecond: value)
                }
            }
            for clientName in [QuotaEntity.Name.named(clientID), .default] {
                guard let value = quotas[QuotaEntity(clientID: clientName)]?[key] else { continue }
                return Limit(sharedBy: QuotaEntity(clientID: .named(clientID)), perSecond: value)
            }
            return nil
        }
    }

    /// The quota that counts for connections from an address.
    func connectionLimit(ip: String) -> Limit? {
        guard !isEmpty else { return nil }
        return state.withLock { quotas in
            for name in [QuotaEntity.Name.named(ip), .default] {
                guard let value = quotas[QuotaEntity(ip: name)]?[.connectionCreationRate] else { continue }
                return Limit(sharedBy: QuotaEntity(ip: .named(ip)), perSecond: value)
            }
            return nil
        }
    }

    /// Changes quotas of an entity, durably; nil removes one.
    func alter(
        _ entity: QuotaEntity, _ changes: [QuotaKey: Double?], validateOnly: Bool
    ) throws(BrokerError) {
        let (present, count) = state.withLock { ($0[entity], $0.count) }
        var values = present ?? [:]
        for (key, value) in changes { values[key] = value }
        guard present != nil || values.isEmpty || count < Self.entitiesMax else {
            throw BrokerError(.limitReached, "\(Self.entitiesMax) clients have quotas, which is the most")
        }
        guard !validateOnly, values != present ?? [:] else { return }
        try store.put([.quota(QuotaRecord(entity: entity, values: values))])
        state.withLock { quotas in
            quotas[entity] = values.isEmpty ? nil : values
            isUsed.store(!quotas.isEmpty, ordering: .relaxed)
        }
    }
}
