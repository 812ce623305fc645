/// The versions of one API: what is advertised, what can be read, and where the flexible encoding starts.
///
/// Ranges are advertised from 0 although no client uses the oldest: librdkafka before 2.11.1 turns features off
/// (compression, groups, zstd) unless the range reaches its fixed old numbers, and asks for Produce 0 by name
/// (KAFKA-18659).
public struct SupportedVersions: Sendable {
    /// The API.
    public let api: APIKey
    /// The range in the ApiVersions response.
    public let advertised: ClosedRange<Int16>
    /// The range whose bodies are decoded; lower advertised versions get UNSUPPORTED_VERSION.
    public let decodable: ClosedRange<Int16>
    /// The first version with compact lengths and tagged fields (KIP-482).
    public let firstFlexible: Int16

    init(_ api: APIKey, _ advertised: ClosedRange<Int16>, from first: Int16 = 0, flexible: Int16) {
        self.api = api
        self.advertised = advertised
        self.decodable = first...advertised.upperBound
        self.firstFlexible = flexible
    }

    /// Whether the version uses the flexible encoding.
    @inlinable
    public func isFlexible(_ version: Int16) -> Bool { version >= firstFlexible }

    /// Every API that is served, by number.
    public static let all: [SupportedVersions] = [
        SupportedVersions(.produce, 0...13, flexible: 9),
        SupportedVersions(.fetch, 0...18, flexible: 12),
        SupportedVersions(.listOffsets, 0...11, flexible: 6),
        SupportedVersions(.metadata, 0...13, flexible: 9),
        SupportedVersions(.offsetCommit, 0...10, flexible: 8),
        SupportedVersions(.offsetFetch, 0...10, flexible: 6),
        SupportedVersions(.findCoordinator, 0...6, flexible: 3),
        SupportedVersions(.joinGroup, 0...9, flexible: 6),
        SupportedVersions(.heartbeat, 0...4, flexible: 4),
        SupportedVersions(.leaveGroup, 0...5, flexible: 4),
        SupportedVersions(.syncGroup, 0...5, flexible: 4),
        SupportedVersions(.describeGroups, 0...6, flexible: 5),
        SupportedVersions(.listGroups, 0...5, flexible: 3),
        SupportedVersions(.apiVersions, 0...4, flexible: 3),
        SupportedVersions(.createTopics, 0...7, flexible: 5),
        SupportedVersions(.deleteTopics, 0...6, flexible: 4),
        SupportedVersions(.initProducerID, 0...5, flexible: 2),
        SupportedVersions(.offsetForLeaderEpoch, 0...4, flexible: 4),
        SupportedVersions(.addPartitionsToTransaction, 0...5, flexible: 3),
        SupportedVersions(.addOffsetsToTransaction, 0...4, flexible: 3),
        SupportedVersions(.endTransaction, 0...5, flexible: 3),
        SupportedVersions(.writeTransactionMarkers, 1...2, from: 1, flexible: 1),
        SupportedVersions(.transactionOffsetCommit, 0...5, flexible: 3),
        SupportedVersions(.deleteRecords, 0...2, flexible: 2),
        SupportedVersions(.describeACLs, 0...3, flexible: 2),
        SupportedVersions(.createACLs, 0...3, flexible: 2),
        SupportedVersions(.deleteACLs, 0...3, flexible: 2),
        SupportedVersions(.describeConfigs, 0...4, flexible: 4),
        SupportedVersions(.deleteGroups, 0...2, flexible: 2),
        SupportedVersions(.offsetDelete, 0...0, flexible: 1),
        SupportedVersions(.consumerGroupHeartbeat, 0...1, flexible: 0),
        SupportedVersions(.consumerGroupDescribe, 0...1, flexible: 0),
        SupportedVersions(.describeProducers, 0...0, flexible: 0),
        SupportedVersions(.describeTransactions, 0...0, flexible: 0),
        SupportedVersions(.listTransactions, 0...2, flexible: 0),
        SupportedVersions(.alterConfigs, 0...2, flexible: 2),
        SupportedVersions(.incrementalAlterConfigs, 0...1, flexible: 1),
        SupportedVersions(.alterReplicaLogDirectories, 0...2, flexible: 2),
        SupportedVersions(.describeLogDirectories, 0...5, flexible: 2),
        SupportedVersions(.createPartitions, 0...3, flexible: 2),
        SupportedVersions(.electLeaders, 0...2, flexible: 2),
        SupportedVersions(.alterPartitionReassignments, 0...1, flexible: 0),
        SupportedVersions(.listPartitionReassignments, 0...0, flexible: 0),
        SupportedVersions(.describeClientQuotas, 0...1, flexible: 1),
        SupportedVersions(.alterClientQuotas, 0...1, flexible: 1),
        SupportedVersions(.describeUserSCRAMCredentials, 0...0, flexible: 0),
        SupportedVersions(.alterUserSCRAMCredentials, 0...0, flexible: 0),
        SupportedVersions(.describeQuorum, 0...2, flexible: 0),
        SupportedVersions(.updateFeatures, 0...2, flexible: 0),
        SupportedVersions(.describeCluster, 0...2, flexible: 0),
        SupportedVersions(.listConfigResources, 0...1, flexible: 0),
        SupportedVersions(.describeTopicPartitions, 0...0, flexible: 0),
    ]

    @usableFromInline
    static let byKey: [SupportedVersions?] = {
        var table = [SupportedVersions?](repeating: nil, count: Int(APIKey.allCases.map(\.rawValue).max() ?? 0) + 1)
        for entry in all { table[Int(entry.api.rawValue)] = entry }
        return table
    }()

    /// The versions of a served API.
    ///
    /// - Precondition: the API is served.
    @inlinable
    public static func of(_ api: APIKey) -> SupportedVersions {
        guard let versions = byKey[Int(api.rawValue)] else { preconditionFailure("\(api) is not served") }
        return versions
    }

    /// The versions of an API by its number on the wire; nil when it is not served.
    @inlinable
    public static func ofKey(_ raw: Int16) -> SupportedVersions? {
        guard raw >= 0, Int(raw) < byKey.count else { return nil }
        return byKey[Int(raw)]
    }
}
