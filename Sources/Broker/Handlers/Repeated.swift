/// The things that a request names more than once, all of which are refused.
struct Repeated<Name: Hashable & Sendable> {
    private var names: Set<Name> = []

    init(_ names: [Name]) {
        var seen: Set<Name> = []
        for name in names where !seen.insert(name).inserted { self.names.insert(name) }
    }

    /// Throws `invalidRequest` for a name that is there more than once.
    func check(_ name: Name) throws(BrokerError) {
        guard names.contains(name) else { return }
        throw BrokerError(.invalidRequest, "\(name) is named more than once")
    }
}
