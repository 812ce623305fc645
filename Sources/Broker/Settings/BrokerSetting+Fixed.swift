import KafkaWire
import System

extension BrokerSetting {
    /// Settings that count from the start of the broker to its end: they are the configuration file's.
    static let fixed: [BrokerSetting] = addresses + limits + groups + transactions + constants

    private static let addresses: [BrokerSetting] = [
        fixed("advertised.listeners", .list, "Where clients are told to connect.") { options in
            options.listen.enumerated().map { index, endpoint in
                let told = index < options.advertise.count ? options.advertise[index] : nil
                return "PLAINTEXT://\(told ?? endpoint)"
            }.joined(separator: ",")
        },
        fixed("broker.id", .int, "The broker's number.") { "\($0.nodeID)" },
        fixed("listeners", .list, "Where clients connect.") { options in
            options.listen.map { "PLAINTEXT://\($0)" }.joined(separator: ",")
        },
        fixed("log.dirs", .list, "Where logs are kept.") { FilePath.absolute($0.dataDirectory) },
        fixed("node.id", .int, "The broker's number.") { "\($0.nodeID)" },
    ]

    private static let limits: [BrokerSetting] = [
        fixed(
            "auto.create.topics.enable", .boolean, builtIn: "true", "Whether producing to an unknown topic creates it."
        ) { "\($0.autoCreate)" },
        fixed("delete.topic.enable", .boolean, builtIn: "true", "Whether clients can delete topics.") {
            "\($0.allowsTopicDeletion)"
        },
        fixed("fetch.max.bytes", .int, builtIn: "57671680", "The most bytes of one fetch response.") {
            "\($0.fetchMaxBytes)"
        },
        fixed("max.connections", .int, builtIn: "4096", "The most connections at a time.") { "\($0.connectionsMax)" },
        fixed("num.partitions", .int, builtIn: "1", "Partitions of topics made without a count.") {
            "\($0.defaultPartitions)"
        },
        fixed(
            "producer.id.expiration.ms", .int, builtIn: "86400000",
            "How long the batches of a silent idempotent producer are remembered."
        ) { "\($0.producerExpirationMilliseconds)" },
        fixed(
            "socket.request.max.bytes", .int,
            "The largest request that is taken; larger ones too where a topic takes larger batches."
        ) { "\(RequestLimit.bytes(messageBytesMax: $0.messageMaxBytes))" },
    ]

    private static let groups: [BrokerSetting] = [
        group("group.consumer.heartbeat.interval.ms", "How often members are to speak whom the broker assigns to.") {
            Int64($0.consumerHeartbeatIntervalMilliseconds)
        },
        group("group.consumer.max.size", "Members of a group at most, where the broker assigns.") {
            Int64($0.membersMax)
        },
        fixed(
            "group.consumer.migration.policy", .string, builtIn: GroupMigrationPolicy.bidirectional.rawValue,
            "Which way groups may change their protocol while they have members."
        ) { $0.groups.migrationPolicy.rawValue },
        group("group.consumer.session.timeout.ms", "How long members may be silent whom the broker assigns to.") {
            Int64($0.consumerSessionTimeoutMilliseconds)
        },
        group("group.initial.rebalance.delay.ms", "How long a new group waits for more members.") {
            $0.initialRebalanceDelayMilliseconds
        },
        group("group.max.session.timeout.ms", "The longest session that a member may ask for.") {
            Int64($0.sessionTimeoutMaxMilliseconds)
        },
        group("group.max.size", "Members of a group at most.") { Int64($0.membersMax) },
        group("group.min.session.timeout.ms", "The shortest session that a member may ask for.") {
            Int64($0.sessionTimeoutMinMilliseconds)
        },
        group("offset.metadata.max.bytes", "The longest text committed with an offset.") {
            Int64($0.offsetMetadataBytesMax)
        },
        group("offsets.retention.check.interval.ms", "How often it is looked for offsets to forget.") {
            $0.offsetsRetentionCheckMilliseconds
        },
        group("offsets.retention.minutes", "How long offsets of a group without members are kept.") {
            $0.offsetsRetentionMilliseconds / 60_000
        },
    ]

    private static let transactions: [BrokerSetting] = [
        number("transaction.max.timeout.ms", "The longest timeout that a transactional producer may ask for.") {
            Int64($0.transactions.timeoutMaxMilliseconds)
        },
        number("transactional.id.expiration.ms", "How long unused transactional ids are remembered.") {
            $0.transactions.expirationMilliseconds
        },
    ]

    private static let constants: [BrokerSetting] = [
        constant("default.replication.factor", "1", .int, "Copies of a partition; there is one broker."),
        constant(
            "group.consumer.assignors", ServerAssignor.allCases.map(\.rawValue).joined(separator: ","), .list,
            "How the broker can spread partitions over the members of a group, the default first."),
        constant(
            "max.incremental.fetch.session.cache.slots", "\(FetchSessionSlots.sessionsMax)", .int,
            "Fetch sessions of one event loop at most."),
        constant("process.roles", "broker,controller", .list, "What this node does."),
        constant("quota.window.num", "11", .int, "Windows over which client quotas are measured."),
        constant("quota.window.size.seconds", "1", .int, "The length of such a window."),
    ]

    /// A number of the groups' options; its built-in default is theirs.
    private static func group(
        _ name: String, _ documentation: String, _ value: @escaping @Sendable (GroupOptions) -> Int64
    ) -> BrokerSetting {
        number(name, documentation) { value($0.groups) }
    }

    /// A number of the options; its built-in default is theirs.
    private static func number(
        _ name: String, _ documentation: String, _ value: @escaping @Sendable (BrokerOptions) -> Int64
    ) -> BrokerSetting {
        fixed(name, .int, builtIn: "\(value(BrokerOptions(dataDirectory: "")))", documentation) { "\(value($0))" }
    }

    private static func constant(
        _ name: String, _ value: String, _ type: ConfigType, _ documentation: String
    ) -> BrokerSetting {
        fixed(name, type, builtIn: value, documentation) { _ in value }
    }

    private static func fixed(
        _ name: String, _ type: ConfigType, builtIn: String? = nil, _ documentation: String,
        _ value: @escaping @Sendable (BrokerOptions) -> String
    ) -> BrokerSetting {
        BrokerSetting(
            name: name, shape: .text, type: type, documentation: documentation, isDynamic: false, builtIn: builtIn,
            configured: { options in
                let configured = value(options)
                return configured == builtIn ? nil : configured
            })
    }
}
