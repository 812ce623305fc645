extension ClassicGroup {
    /// Who wants to join, and how.
    struct Join: Sendable {
        /// The member's id; empty for one that has none yet.
        var memberID: String
        /// The id that it gets when it has none.
        var newMemberID: String
        var instanceID: String?
        var clientID: String
        var clientHost: String
        var protocolType: String
        var protocols: [GroupProtocol]
        var sessionTimeoutMilliseconds: Int32
        var rebalanceTimeoutMilliseconds: Int32
        /// Whether a member without an id is told one and must join again with it (KIP-394).
        var requiresKnownMemberID: Bool
        /// Whether a leader can be told that nothing has changed (KIP-814).
        var canSkipAssignment: Bool
    }

    /// Who wants its assignment, or brings everybody's.
    struct Sync: Sendable {
        var identity: Identity
        var protocolType: String?
        var protocolName: String?
        /// From the leader: what each member gets.
        var assignments: [String: [UInt8]]
    }

    /// Who a member says it is.
    struct Identity: Sendable {
        var memberID: String
        var instanceID: String?
        var generation: Int32
    }

    /// Who leaves.
    struct Leaver: Sendable {
        /// Empty to remove whoever has the instance id.
        var memberID: String
        var instanceID: String?
    }

    /// Limits of all groups.
    struct Limits: Sendable {
        /// How long a group that had no members waits for more of them before its first generation.
        var initialRebalanceDelayMilliseconds: Int64 = 0
        /// Members of one group at most.
        var membersMax = 250
    }
}
