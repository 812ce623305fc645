import Bytes
import CommitLog
import KafkaWire
import Observability
import System

/// What every request handler works with: the broker's state, shared by all event loops. Every part is thread-safe.
final class BrokerCore: Sendable {
    let options: BrokerOptions
    let clusterID: String
    /// The data directory's absolute path.
    let dataDirectory: String
    /// The log of `__cluster_metadata`.
    let metadataLog: PartitionLog
    let settings: DynamicSettings
    let quotas: ClientQuotas
    let throttle: Throttle
    let credentials: CredentialStore
    let catalog: TopicCatalog
    let offsets: OffsetStore
    let groups: GroupCoordinator
    let producerIDs: ProducerIDs
    let transactions: TransactionCoordinator
    let worker: Worker
    let codecWorkers: CodecWorkers
    let metrics: Metrics
    let clock: any Clock
    private let log: CommitLog
    private let accessRuleStore: AccessRuleStore

    /// The epoch under which this broker leads every partition: there is no election, so it never changes.
    static let leaderEpoch: Int32 = 0

    /// Why a request of a client that knows this leader epoch is refused (KIP-320); nil when it is right, or -1 for
    /// none.
    static func refusal(ofLeaderEpoch epoch: Int32) -> ErrorCode? {
        guard epoch != -1, epoch != leaderEpoch else { return nil }
        return epoch < leaderEpoch ? .fencedLeaderEpoch : .unknownLeaderEpoch
    }

    /// Opens the data directory and reads the broker's state.
    init(
        _ options: BrokerOptions, metrics: Metrics, clock: any Clock, fileSystem: any FileSystem = LocalFileSystem()
    ) throws(BrokerError) {
        self.options = options
        self.metrics = metrics
        self.clock = clock
        try StateCheck.run(options.dataDirectory, fileSystem)
        let log: CommitLog
        do throws(LogError) {
            log = try CommitLog(
                directory: options.dataDirectory, options: Self.logOptions(options), fileSystem: fileSystem,
                clock: clock)
        } catch {
            guard case .storage(let cause) = error else { throw BrokerError(error) }
            throw BrokerError(
                .dataDirectory,
                "cannot use the data directory \(options.dataDirectory): \(cause); choose another or give this user the right to write there"
            )
        }
        self.log = log
        clusterID = log.clusterID
        dataDirectory = FilePath.absolute(options.dataDirectory)
        worker = Worker("broker-work")
        codecWorkers = CodecWorkers()
        do throws(BrokerError) {
            let metadata = try Self.internalPartition(log, TopicName.clusterMetadata)
            let committed = try Self.internalPartition(log, TopicName.consumerOffsets)
            let transactional = try Self.internalPartition(log, TopicName.transactionState)
            metadataLog = metadata
            let store = try MetadataStore(InternalLog(metadata, clock: clock))
            settings = DynamicSettings(store, options)
            quotas = ClientQuotas(store)
            throttle = Throttle(quotas, clock: clock)
            credentials = CredentialStore(store)
            accessRuleStore = AccessRuleStore(store)
            catalog = try TopicCatalog(
                log: log, store: store,
                internalTopics: [
                    (TopicName.consumerOffsets, committed), (TopicName.transactionState, transactional),
                ],
                options: options, settings: settings, metrics: metrics, clock: clock)
            offsets = try OffsetStore(
                InternalLog(committed, clock: clock), worker: worker, offsetsMax: options.groups.offsetsMax)
            producerIDs = ProducerIDs(store)
            transactions = try TransactionCoordinator(
                InternalLog(transactional, clock: clock, rewriteBytesMin: options.transactions.rewriteBytesMin),
                catalog: catalog, offsets: offsets, producerIDs: producerIDs,
                options: options.transactions, clock: clock)
        } catch {
            worker.stop()
            codecWorkers.stop()
            try? log.close()
            throw error
        }
        let catalog = catalog
        groups = GroupCoordinator(
            offsets, options: options.groups, settings: settings, topics: { catalog.snapshot }, metrics: metrics,
            clock: clock
        ) { log.retentionMilliseconds }
        let (offsets, groups, transactions) = (offsets, groups, transactions)
        catalog.observeDeletions { topic in
            transactions.remove(topic: topic.name)
            offsets.remove(topic: topic.name) { groups.lookLater(at: $0) }
        }
        transactions.start()
        groups.start()
        BrokerMetrics.register(self)
    }

    /// The access rules; throws `securityDisabled` unless `BrokerOptions.takesAccessRules` is on.
    func accessRules() throws(BrokerError) -> AccessRuleStore {
        guard options.takesAccessRules else {
            throw BrokerError(
                .securityDisabled, "access rules are turned off on this broker; security.acls = true turns them on")
        }
        return accessRuleStore
    }

    /// Bytes of old segments that were read to find damage.
    var scrubbedBytes: Int64 { log.scrubbedBytes }

    /// What compactions have done.
    var compactions: CompactionTotals { log.compactions }

    /// Makes everything durable that was written so far, so that nobody has to wait for it.
    func flush() {
        do throws(LogError) {
            try log.flush()
        } catch {
            Log("broker").error("not everything is durable: \(error)")
        }
    }

    /// Finishes what the worker has, syncs the log and marks it clean.
    func close() {
        groups.stop()
        transactions.stop()
        codecWorkers.stop()
        worker.stop()
        do throws(LogError) {
            try log.close()
        } catch {
            Log("broker").error("the log was not closed in order and will be checked at the next start: \(error)")
        }
    }

    /// Free bytes and size of the volume that holds the data directory.
    func freeSpace() throws(BrokerError) -> (free: Int64, total: Int64) {
        do throws(LogError) {
            return try log.freeSpace()
        } catch {
            throw BrokerError(error)
        }
    }

    private static func logOptions(_ options: BrokerOptions) -> LogOptions {
        var log = LogOptions()
        // Every topic brings its own settings; until it has, nothing may expire.
        log.defaults = InternalLog.settings
        log.relaxedDurability = options.durability == .relaxed
        log.minimumFreeBytes = options.minimumFreeBytes
        log.retentionFreeBytes = options.retentionFreeBytes
        log.producerExpirationMilliseconds = options.producerExpirationMilliseconds
        log.scrubBytesPerSecond = options.scrubBytesPerSecond
        log.leaderEpoch = leaderEpoch
        log.onFatal = { options.onFatal("\($0)") }
        return log
    }

    private static func internalPartition(_ log: CommitLog, _ name: String) throws(BrokerError) -> PartitionLog {
        if let partition = log.partition(topic: name, partition: 0) {
            partition.apply(InternalLog.settings)
            return partition
        }
        do throws(LogError) {
            return try log.createPartition(topic: name, partition: 0, settings: InternalLog.settings)
        } catch {
            throw BrokerError(error)
        }
    }
}
