import Broker
import Configuration
import Console
import Forwarder
import Glibc
import Observability
import Streams
import Synchronization
import System

/// Broker, services and console in one process, as configured.
final class Appliance {
    let configuration: Configuration
    let metrics = Metrics()
    let broker: Broker
    /// Where files go.
    let filesDirectory: String
    /// Where run states are kept.
    let runDirectory: String
    /// The broker's first address.
    let brokerAddress: String
    private let console: ConsoleServer?
    private let services: InstrumentServices
    private let servicesThread: Thread

    var streams: any Streams { broker.streams }

    /// Opens the data directory and starts everything; what was begun is ended again when something fails.
    init(_ configuration: Configuration) throws {
        self.configuration = configuration
        Log.level = LogLevel(name: configuration.text("log.level")) ?? .info
        let data = configuration.text("data.directory")
        let options = try Self.brokerOptions(configuration)
        broker = try Broker(options: options, metrics: metrics)
        runDirectory = data + "/run"
        let output = configuration.text("writer.output")
        filesDirectory = output.hasPrefix("/") ? output : data + "/" + output
        do {
            for directory in [runDirectory, filesDirectory] { try LocalFileSystem().createDirectory(directory) }
            try broker.start()
            guard let address = broker.addresses.first else {
                throw CommandError("the broker listens nowhere: set kafka.listen")
            }
            brokerAddress = address.description
            console = try Self.console(configuration, broker, metrics)
        } catch {
            broker.stop()
            throw error
        }
        ProcessMetrics.register(metrics)
        let services = InstrumentServices(
            InstrumentServices.Parts(
                configuration: configuration, streams: broker.streams, metrics: metrics,
                filesDirectory: filesDirectory, runDirectory: runDirectory, brokerAddress: brokerAddress))
        self.services = services
        servicesThread = Thread("services") { services.run() }
    }

    /// Ends services, console and broker in this order. Must be called once.
    func stop() {
        services.end()
        servicesThread.join()
        console?.close()
        broker.stop()
    }

    /// Starts the services of an instrument now instead of when its topics are found.
    func serve(_ instrument: String) { services.serve(instrument) }

    /// The addresses, one a line, for people and for programs that started this one.
    var addresses: String {
        var lines = broker.addresses.map { "Kafka    \($0)" }
        if let console { lines.append("Console  http://\(console.endpoint)/") }
        lines.append("Data     \(configuration.text("data.directory"))")
        return lines.joined(separator: "\n")
    }

    private static func brokerOptions(_ configuration: Configuration) throws -> BrokerOptions {
        var options = BrokerOptions(dataDirectory: configuration.text("data.directory"))
        options.listen = try endpoints(configuration, "kafka.listen").map { endpoint in
            guard let endpoint else {
                throw CommandError.usage("\(configuration["kafka.listen"].origin): kafka.listen must be HOST:PORT")
            }
            return endpoint
        }
        options.advertise = try advertised(configuration, options.listen.count)
        let also = configuration.text("kafka.listen_also")
        // The second address is a convenience: it is taken only if nobody else has it.
        if !also.isEmpty, isFree(try endpoint(configuration, "kafka.listen_also")) {
            options.listen.append(try endpoint(configuration, "kafka.listen_also"))
            if configuration.list("kafka.advertise").count == 1 { options.advertise.append(options.advertise[0]) }
        }
        for endpoint in options.listen where !endpoint.isLoopback {
            Log("sluice").warning("\(endpoint) is open to the network without authentication")
        }
        options.autoCreate = configuration.flag("kafka.auto_create")
        options.defaultPartitions = Int32(configuration.number("kafka.default_partitions"))
        options.clampReplication = configuration.flag("kafka.clamp_replication")
        options.takesAccessRules = configuration.flag("security.acls")
        options.allowsTopicDeletion = configuration.flag("kafka.delete_topics")
        options.messageMaxBytes = configuration.bytes("kafka.message_max")
        options.fetchMaxBytes = configuration.bytes("kafka.fetch_max")
        options.connectionsMax = Int(configuration.number("kafka.connections_max"))
        options.partitionsMax = Int(configuration.number("kafka.partitions_max"))
        options.producerExpirationMilliseconds = Int64(configuration.milliseconds("kafka.producer_expiration"))
        options.retentionMilliseconds = Int64(configuration.milliseconds("data.retention"))
        let retentionBytes = configuration.bytes("data.retention_size")
        options.retentionBytes = retentionBytes == 0 ? -1 : Int64(retentionBytes)
        options.segmentBytes = configuration.bytes("data.segment_size")
        options.minimumFreeBytes = Int64(configuration.bytes("data.minimum_free"))
        options.retentionFreeBytes = Int64(configuration.bytes("data.retention_free"))
        options.scrubBytesPerSecond = Int64(configuration.bytes("data.scrub_rate"))
        options.durability = configuration.text("data.durability") == "relaxed" ? .relaxed : .strict
        options.groups = try groupOptions(configuration)
        options.transactions = try transactionOptions(configuration)
        options.onFatal = { message in
            // Nothing can be promised any more: end at once, the next start decides what is on the disk.
            Terminal.printError("sluice: \(message)")
            _exit(ExitCode.failed)
        }
        return options
    }

    private static func groupOptions(_ configuration: Configuration) throws -> GroupOptions {
        var options = GroupOptions()
        func milliseconds(_ name: String) -> Int32 { Int32(clamping: configuration.milliseconds("groups.\(name)")) }
        options.offsetsRetentionMilliseconds = Int64(configuration.milliseconds("groups.offsets_retention"))
        options.initialRebalanceDelayMilliseconds = Int64(milliseconds("rebalance_delay"))
        options.sessionTimeoutMinMilliseconds = milliseconds("session_timeout_min")
        options.sessionTimeoutMaxMilliseconds = milliseconds("session_timeout_max")
        guard options.sessionTimeoutMinMilliseconds <= options.sessionTimeoutMaxMilliseconds else {
            throw CommandError.usage("groups.session_timeout_min must not be above groups.session_timeout_max")
        }
        options.membersMax = Int(configuration.number("groups.members_max"))
        options.offsetMetadataBytesMax = configuration.bytes("groups.offset_metadata_max")
        guard options.offsetMetadataBytesMax <= Int(Int16.max) else {
            throw CommandError.usage("groups.offset_metadata_max must be at most \(Int16.max) bytes")
        }
        let session = milliseconds("consumer_session_timeout")
        let interval = milliseconds("consumer_heartbeat_interval")
        guard interval >= 1, interval < session, session <= options.sessionTimeoutMaxMilliseconds else {
            throw CommandError.usage(
                "groups.consumer_heartbeat_interval must be less than groups.consumer_session_timeout, "
                    + "and that at most groups.session_timeout_max")
        }
        guard let policy = GroupMigrationPolicy(rawValue: configuration.text("groups.migration_policy")) else {
            preconditionFailure("the choices of groups.migration_policy are the policies")
        }
        options.migrationPolicy = policy
        options.consumerSessionTimeoutMilliseconds = session
        options.consumerHeartbeatIntervalMilliseconds = interval
        return options
    }

    private static func transactionOptions(_ configuration: Configuration) throws -> TransactionOptions {
        var options = TransactionOptions()
        let timeout = configuration.milliseconds("transactions.timeout_max")
        guard (1...Int(Int32.max)).contains(timeout) else {
            throw CommandError.usage("transactions.timeout_max must be from 1ms to 24d")
        }
        options.timeoutMaxMilliseconds = Int32(timeout)
        options.expirationMilliseconds = Int64(configuration.milliseconds("transactions.id_expiration"))
        guard options.expirationMilliseconds >= 1 else {
            throw CommandError.usage("transactions.id_expiration must be at least 1ms")
        }
        return options
    }

    private static func console(
        _ configuration: Configuration, _ broker: Broker, _ metrics: Metrics
    ) throws -> ConsoleServer? {
        guard configuration.flag("console.enabled") else { return nil }
        let endpoint = try endpoint(configuration, "console.listen")
        if !endpoint.isLoopback { Log("sluice").warning("the console at \(endpoint) is open to the network") }
        return try ConsoleServer(endpoint, streams: broker.streams, metrics: metrics) { Readiness() }
    }

    /// What the clients of each listener are told to dial.
    private static func advertised(_ configuration: Configuration, _ count: Int) throws -> [Endpoint?] {
        let given = try endpoints(configuration, "kafka.advertise")
        if given.count == count { return given }
        guard given.count == 1 else {
            throw CommandError.usage(
                "\(configuration["kafka.advertise"].origin): kafka.advertise must be one address, or one for each of the \(count) of kafka.listen"
            )
        }
        return [Endpoint?](repeating: given[0], count: count)
    }

    /// The addresses of a list; nil for each `auto`.
    private static func endpoints(_ configuration: Configuration, _ key: String) throws -> [Endpoint?] {
        try configuration.list(key).map { text in
            if text == "auto" { return nil }
            guard let endpoint = Endpoint(text) else {
                throw CommandError.usage("\(configuration[key].origin): \(key) must be HOST:PORT, not \"\(text)\"")
            }
            return endpoint
        }
    }

    private static func endpoint(_ configuration: Configuration, _ key: String) throws -> Endpoint {
        let value = configuration[key]
        guard let endpoint = Endpoint(value.text) else {
            throw CommandError.usage("\(value.origin): \(key) must be HOST:PORT, not \"\(value.text)\"")
        }
        return endpoint
    }

    private static func isFree(_ endpoint: Endpoint) -> Bool {
        do {
            _ = try ListeningSocket(endpoint)
            return true
        } catch {
            return false
        }
    }
}
