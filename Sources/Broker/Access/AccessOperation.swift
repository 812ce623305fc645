/// What a client does to a resource, by Kafka's numbers (`AclOperation`).
enum AccessOperation: Int8, Sendable, CaseIterable {
    /// In filters: any operation.
    case any = 1
    /// In rules: every operation.
    case all = 2
    case read = 3
    case write = 4
    case create = 5
    case delete = 6
    case alter = 7
    case describe = 8
    case clusterAction = 9
    case describeConfigs = 10
    case alterConfigs = 11
    case idempotentWrite = 12
    case createTokens = 13
    case describeTokens = 14
    case twoPhaseCommit = 15

    /// The operation as a bit of an `authorizedOperations` field.
    var bit: Int32 { 1 << Int32(rawValue) }
}
