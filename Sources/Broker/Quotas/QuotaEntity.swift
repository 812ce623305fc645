/// Whose quota it is (KIP-546): a user, a client id, both, or an address.
struct QuotaEntity: Hashable, Sendable {
    /// A name, or what counts for those without a quota of their own.
    enum Name: Hashable, Sendable {
        case `default`
        case named(String)
    }

    /// The kinds of names, by the words of the protocol.
    enum Part: String, Sendable, CaseIterable {
        case user
        case clientID = "client-id"
        case ip
    }

    var user: Name?
    var clientID: Name?
    var ip: Name?

    /// The name of one kind; nil when the entity has none.
    subscript(part: Part) -> Name? {
        get {
            switch part {
            case .user: user
            case .clientID: clientID
            case .ip: ip
            }
        }
        set {
            switch part {
            case .user: user = newValue
            case .clientID: clientID = newValue
            case .ip: ip = newValue
            }
        }
    }

    /// Text by which entities are listed: user, client id, address, the default before any name.
    var sortKey: String {
        Part.allCases.map { part in
            switch self[part] {
            case nil: ""
            case .default?: "\u{1}"
            case .named(let name)?: "\u{2}" + name
            }
        }.joined(separator: "\u{0}")
    }

    /// The kinds of names that the entity has.
    var parts: Set<Part> { Set(Part.allCases.filter { self[$0] != nil }) }

    init(user: Name? = nil, clientID: Name? = nil, ip: Name? = nil) {
        self.user = user
        self.clientID = clientID
        self.ip = ip
    }

    /// The entity of a request; throws `invalidRequest` for combinations that Kafka does not know.
    ///
    /// - Parameter entries: kind and name of each part; nil is the default.
    init(_ entries: [(type: String, name: String?)]) throws(BrokerError) {
        guard !entries.isEmpty else { throw BrokerError(.invalidRequest, "a quota entity without a name") }
        for entry in entries {
            guard let part = Part(rawValue: entry.type) else {
                throw BrokerError(
                    .invalidRequest,
                    "quota entity type \(entry.type.debugDescription): user, client-id and ip are known")
            }
            guard self[part] == nil else {
                throw BrokerError(.invalidRequest, "quota entity with two names of type \(entry.type)")
            }
            guard entry.name != "" else {
                throw BrokerError(.invalidRequest, "quota entity with an empty \(entry.type)")
            }
            self[part] = entry.name.map { .named($0) } ?? .default
        }
        guard ip == nil || user == nil && clientID == nil else {
            throw BrokerError(.invalidRequest, "quotas of an address have neither user nor client id")
        }
    }
}
