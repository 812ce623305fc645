import Synchronization

/// The SCRAM credentials of users; kept in `__cluster_metadata`, which no client can read.
///
/// Thread-safe. Looking up never waits; a change blocks until it is durable and belongs on a worker thread.
final class CredentialStore: Sendable {
    /// Credentials that there may be.
    static let credentialsMax = 10_000

    private typealias Credentials = [String: [SCRAMCredential.Mechanism: SCRAMCredential]]

    private let store: MetadataStore
    private let state: Mutex<Credentials>

    /// Reads what `store` holds.
    init(_ store: MetadataStore) {
        self.store = store
        var read: Credentials = [:]
        for case .scram(let record) in store.records {
            read[record.user, default: [:]][record.mechanism] = record.credential
        }
        state = Mutex(read)
    }

    /// The users that have credentials, sorted.
    var users: [String] { state.withLock { $0.keys.sorted() } }

    /// The credentials of a user, by mechanism.
    func credentials(of user: String) -> [SCRAMCredential] {
        state.withLock { Array(($0[user] ?? [:]).values) }.sorted { $0.mechanism.rawValue < $1.mechanism.rawValue }
    }

    /// Adds or replaces a credential, durably.
    func set(_ credential: SCRAMCredential) throws(BrokerError) {
        try credential.check()
        let count = state.withLock { $0.values.reduce(0) { $0 + $1.count } }
        guard count < Self.credentialsMax || !credentials(of: credential.user).isEmpty else {
            throw BrokerError(.limitReached, "\(Self.credentialsMax) credentials are the most")
        }
        try store.put([.scram(SCRAMRecord(credential))])
        state.withLock { $0[credential.user, default: [:]][credential.mechanism] = credential }
    }

    /// Removes a credential, durably; throws `resourceNotFound` when there is none.
    func remove(user: String, _ mechanism: SCRAMCredential.Mechanism) throws(BrokerError) {
        guard credentials(of: user).contains(where: { $0.mechanism == mechanism }) else {
            throw BrokerError(.resourceNotFound, "user \(user) has no credential of this mechanism")
        }
        try store.put([.scram(SCRAMRecord(removing: mechanism, of: user))])
        state.withLock { credentials in
            credentials[user]?[mechanism] = nil
            if credentials[user]?.isEmpty == true { credentials[user] = nil }
        }
    }
}
