/// The number of a Kafka API in the request header (protocol guide, "Api Keys"). Broker-to-broker APIs are left out.
public enum APIKey: Int16, Sendable, CaseIterable {
    case produce = 0
    case fetch = 1
    case listOffsets = 2
    case metadata = 3
    case offsetCommit = 8
    case offsetFetch = 9
    case findCoordinator = 10
    case joinGroup = 11
    case heartbeat = 12
    case leaveGroup = 13
    case syncGroup = 14
    case describeGroups = 15
    case listGroups = 16
    case saslHandshake = 17
    case apiVersions = 18
    case createTopics = 19
    case deleteTopics = 20
    case deleteRecords = 21
    case initProducerID = 22
    case offsetForLeaderEpoch = 23
    case addPartitionsToTransaction = 24
    case addOffsetsToTransaction = 25
    case endTransaction = 26
    case writeTransactionMarkers = 27
    case transactionOffsetCommit = 28
    case describeACLs = 29
    case createACLs = 30
    case deleteACLs = 31
    case describeConfigs = 32
    case alterConfigs = 33
    case alterReplicaLogDirectories = 34
    case describeLogDirectories = 35
    case saslAuthenticate = 36
    case createPartitions = 37
    case createDelegationToken = 38
    case renewDelegationToken = 39
    case expireDelegationToken = 40
    case describeDelegationToken = 41
    case deleteGroups = 42
    case electLeaders = 43
    case incrementalAlterConfigs = 44
    case alterPartitionReassignments = 45
    case listPartitionReassignments = 46
    case offsetDelete = 47
    case describeClientQuotas = 48
    case alterClientQuotas = 49
    case describeUserSCRAMCredentials = 50
    case alterUserSCRAMCredentials = 51
    case describeQuorum = 55
    case updateFeatures = 57
    case describeCluster = 60
    case describeProducers = 61
    case describeTransactions = 65
    case listTransactions = 66
    case consumerGroupHeartbeat = 68
    case consumerGroupDescribe = 69
    case getTelemetrySubscriptions = 71
    case pushTelemetry = 72
    case listConfigResources = 74
    case describeTopicPartitions = 75

    /// The word for logs and metric labels, such as `list_offsets`.
    public var name: String { Self.names[Int(rawValue)] }

    /// Snake-case names by number, computed once: labels are made for every connection.
    private static let names: [String] = {
        var names = [String](repeating: "", count: Int(allCases.map(\.rawValue).max() ?? 0) + 1)
        for key in allCases { names[Int(key.rawValue)] = snakeCase(String(describing: key)) }
        return names
    }()

    private static func snakeCase(_ name: String) -> String {
        var text = ""
        var wasUpper = true
        for character in name {
            if character.isUppercase, !wasUpper { text += "_" }
            text += character.lowercased()
            wasUpper = character.isUppercase
        }
        return text
    }
}
