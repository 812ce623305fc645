/// The kinds of resources that access rules name, by Kafka's numbers (`ResourceType`).
enum AccessResource: Int8, Sendable, CaseIterable {
    /// In filters: any kind.
    case any = 1
    case topic = 2
    case group = 3
    case cluster = 4
    case transactionalID = 5
    case delegationToken = 6
    case user = 7

    /// The name of the only resource of the kind `cluster`.
    static let clusterName = "kafka-cluster"

    /// The operations that the kind knows (Kafka's `AclEntry.supportedOperations`).
    var operations: [AccessOperation] {
        switch self {
        case .any: []
        case .topic: [.read, .write, .create, .describe, .delete, .alter, .describeConfigs, .alterConfigs]
        case .group: [.read, .describe, .delete, .describeConfigs, .alterConfigs]
        case .cluster:
            [.create, .clusterAction, .describeConfigs, .alterConfigs, .idempotentWrite, .alter, .describe]
        case .transactionalID: [.describe, .write, .twoPhaseCommit]
        case .delegationToken: [.describe]
        case .user: [.createTokens, .describeTokens]
        }
    }

    /// What a client may do while nobody checks: everything, a bit for each operation.
    var everyOperation: Int32 { operations.reduce(0) { $0 | $1.bit } }
}
