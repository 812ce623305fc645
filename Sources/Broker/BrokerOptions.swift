import System

/// How a broker works. Every value has the default of `config/sluice.toml`.
public struct BrokerOptions: Sendable {
    /// When an `acks=all` produce is answered.
    public enum Durability: String, Sendable, CaseIterable {
        /// After `fdatasync`: acknowledged records survive a power cut.
        case strict
        /// After the write reached the operating system, as `acks=1`. Topics, settings, offsets and transactions are as durable
        /// as ever.
        case relaxed
    }

    /// Where logs and state are kept; created when missing.
    public var dataDirectory: String
    /// Where Kafka clients connect; empty for a broker that only this process uses.
    public var listen: [Endpoint]
    /// What the clients of each listener are told to dial, by its place in `listen`; nil, or nothing, tells each client
    /// the address at which it reached the broker. Port 0 stands for the listener's own port.
    public var advertise: [Endpoint?]
    /// Whether producing to an unknown topic creates it.
    public var autoCreate: Bool
    /// Partitions of topics that are created without a count.
    public var defaultPartitions: Int32
    /// The largest record batch that topics without a setting of their own take, in bytes.
    public var messageMaxBytes: Int
    /// How long records are kept, ms; -1 for ever.
    public var retentionMilliseconds: Int64
    /// How many bytes of a partition are kept; -1 all.
    public var retentionBytes: Int64
    /// When a segment file is closed and the next one begun, bytes.
    public var segmentBytes: Int
    /// Writes are refused when less than this is free on the disk, bytes.
    public var minimumFreeBytes: Int64
    /// When less than this is free on the disk, the oldest records of topics that may delete go first, whatever their
    /// age; 0: never. Bytes.
    public var retentionFreeBytes: Int64
    /// How many bytes a second of old log files are read to find damage early; 0: none.
    public var scrubBytesPerSecond: Int64
    /// Whether a replication factor above 1 is accepted as 1 (with a logged notice) instead of refused.
    public var clampReplication: Bool
    /// Whether access rules (ACLs) are taken and told; otherwise clients hear that security is disabled.
    public var takesAccessRules: Bool
    /// When `acks=all` is answered.
    public var durability: Durability
    /// The broker's id in the cluster of one.
    public var nodeID: Int32
    /// Event loops; nil chooses 1 on up to 4 cores, half the cores beyond.
    public var shards: Int?
    /// The most client connections at a time.
    public var connectionsMax: Int
    /// Whether clients may delete topics.
    public var allowsTopicDeletion: Bool
    /// How long a silent idempotent producer's batches are remembered, ms (Kafka `producer.id.expiration.ms`).
    public var producerExpirationMilliseconds: Int64
    /// The most bytes of records in one fetch response.
    public var fetchMaxBytes: Int
    /// The most partitions of all topics together.
    public var partitionsMax: Int
    /// How consumer groups work.
    public var groups: GroupOptions
    /// Limits of transactions.
    public var transactions = TransactionOptions()
    /// Called, on any thread, when the disk can no longer be trusted (a sync failed): nothing is acknowledged from then
    /// on, and the process should end with an error.
    public var onFatal: @Sendable (String) -> Void

    /// Options with the defaults for a data directory and its listeners.
    public init(dataDirectory: String, listen: [Endpoint] = [Endpoint(host: "127.0.0.1", port: 9092)]) {
        self.dataDirectory = dataDirectory
        self.listen = listen
        advertise = []
        autoCreate = true
        defaultPartitions = 1
        messageMaxBytes = 209_715_200
        retentionMilliseconds = 7 * 24 * 3600 * 1000
        retentionBytes = -1
        segmentBytes = 1 << 30
        minimumFreeBytes = 512 << 20
        retentionFreeBytes = 0
        scrubBytesPerSecond = 1 << 20
        clampReplication = true
        takesAccessRules = false
        durability = .strict
        nodeID = 1
        shards = nil
        connectionsMax = 4096
        allowsTopicDeletion = true
        producerExpirationMilliseconds = 86_400_000
        fetchMaxBytes = 55 << 20
        partitionsMax = 20_000
        groups = GroupOptions()
        onFatal = { _ in }
    }
}
