/// Where a transactional id stands. Numbers and names are Kafka's (`TransactionState`).
enum TransactionState: Int8, Sendable, CaseIterable {
    /// Nothing was written since the producer was initialized.
    case empty = 0
    /// Partitions were added.
    case ongoing = 1
    /// Committing is decided; the markers are on their way.
    case prepareCommit = 2
    /// Aborting is decided; the markers are on their way.
    case prepareAbort = 3
    /// All markers of a commit are written.
    case completeCommit = 4
    /// All markers of an abort are written.
    case completeAbort = 5
    /// The id is about to be forgotten.
    case dead = 6
    /// A fence was begun. Kafka writes this state; here a fence is one step, so that it is only read.
    case prepareEpochFence = 7

    /// The name on the wire.
    var name: String {
        switch self {
        case .empty: "Empty"
        case .ongoing: "Ongoing"
        case .prepareCommit: "PrepareCommit"
        case .prepareAbort: "PrepareAbort"
        case .completeCommit: "CompleteCommit"
        case .completeAbort: "CompleteAbort"
        case .dead: "Dead"
        case .prepareEpochFence: "PrepareEpochFence"
        }
    }

    /// The state of this name; nil when there is none.
    init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// Whether the end is decided and markers are missing.
    var isPrepared: Bool { self == .prepareCommit || self == .prepareAbort }
    /// Whether a transaction has begun and is not over.
    var isActive: Bool { self == .ongoing || isPrepared || self == .prepareEpochFence }
}
