/// What DescribeClientQuotas looks for (KIP-546): every component must be met.
struct QuotaFilter: Sendable {
    /// How a component is met.
    enum Match: Equatable, Sendable {
        /// By this name or the default.
        case exactly(QuotaEntity.Name)
        /// By any name, the default included.
        case any
    }

    private var components: [QuotaEntity.Part: Match] = [:]
    private let isStrict: Bool

    /// All quotas.
    static let everything = QuotaFilter()

    private init() { isStrict = false }

    /// The filter of a request.
    ///
    /// - Parameter isStrict: whether entities with more parts than the filter are left out.
    /// - Throws: `invalidRequest` for a filter that makes no sense, `unsupportedVersion` for an unknown type of entity.
    init(
        _ components: [(type: String, matchType: Int8, match: String?)], isStrict: Bool
    ) throws(BrokerError) {
        self.isStrict = isStrict
        for component in components {
            guard !component.type.isEmpty else {
                throw BrokerError(.invalidRequest, "a component of the filter has no entity type")
            }
            guard let part = QuotaEntity.Part(rawValue: component.type) else {
                throw BrokerError(
                    .unsupportedVersion, "quota entity type \(component.type.debugDescription) is not known")
            }
            guard self.components[part] == nil else {
                throw BrokerError(.invalidRequest, "entity type \(component.type) is in the filter twice")
            }
            self.components[part] = try Self.match(component.matchType, component.match)
        }
        guard self.components[.ip] == nil || self.components.count == 1 else {
            throw BrokerError(.invalidRequest, "quotas of an address have neither user nor client id")
        }
    }

    private static func match(_ type: Int8, _ name: String?) throws(BrokerError) -> Match {
        switch (type, name) {
        case (0, let name?): return .exactly(.named(name))
        case (0, nil): throw BrokerError(.invalidRequest, "an exact match needs a name")
        case (1, nil): return .exactly(.default)
        case (2, nil): return .any
        case (1, _), (2, _): throw BrokerError(.invalidRequest, "match type \(type) has no name")
        default: throw BrokerError(.invalidRequest, "match type \(type): 0, 1 and 2 are known")
        }
    }

    /// Whether the filter finds the quotas of `entity`.
    func matches(_ entity: QuotaEntity) -> Bool {
        if isStrict, entity.parts != Set(components.keys) { return false }
        return components.allSatisfy { part, match in
            guard let name = entity[part] else { return false }
            return match == .any || match == .exactly(name)
        }
    }
}
