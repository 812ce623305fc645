/// One key of the configuration: its name, its kind, its default and what it does.
public struct Setting: Sendable {
    /// What values a setting takes.
    public enum Kind: Sendable, Equatable {
        /// Any text.
        case text
        /// One of these words.
        case choice([String])
        /// `true` or `false`.
        case boolean
        /// A number in a range.
        case number(ClosedRange<Double>)
        /// A duration such as `10s`.
        case duration
        /// A size such as `200MiB`.
        case size
        /// A list of texts; in flags and the environment separated by commas.
        case list
    }

    /// The dotted name, such as `kafka.listen`.
    public let key: String
    /// What values it takes.
    public let kind: Kind
    /// The value when nobody sets one.
    public let standard: String
    /// What it does, in one line.
    public let help: String

    init(_ key: String, _ kind: Kind, _ standard: String, _ help: String) {
        self.key = key
        self.kind = kind
        self.standard = standard
        self.help = help
    }

    /// Says what is wrong with a value; nil when it is right.
    func complaint(about value: String) -> String? {
        switch kind {
        case .text, .list: nil
        case .choice(let words): words.contains(value) ? nil : "must be one of \(words.joined(separator: ", "))"
        case .boolean: value == "true" || value == "false" ? nil : "must be true or false"
        case .number(let range):
            Units.number(value).map(range.contains) == true
                ? nil : "must be a number from \(short(range.lowerBound)) to \(short(range.upperBound))"
        case .duration: Units.milliseconds(value) != nil ? nil : "must be a duration such as 250ms, 10s or 7d"
        case .size: Units.bytes(value) != nil ? nil : "must be a size such as 512KiB or 10MB"
        }
    }

    private func short(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
    }
}

extension Setting {
    /// Every key there is, in the order of `config/sluice.toml`.
    public static let all: [Setting] = [
        Setting(
            "instruments", .list, "auto",
            "Instruments (topic prefixes) that the services serve; \"auto\": all whose topics exist."),
        Setting(
            "log.level", .choice(["debug", "info", "warning", "error"]), "info", "The least level that is logged."),
        Setting("data.directory", .text, "storage", "Where the log, the files and the run state are kept."),
        Setting(
            "data.durability", .choice(["durable", "relaxed"]), "durable",
            "\"relaxed\": acks=all answers like acks=1, flushed within 100 ms: a power cut may cost that many records, no topic."
        ),
        Setting("data.segment_size", .size, "1GiB", "A log file is closed and a new one begun at this size."),
        Setting(
            "data.retention", .duration, "7d", "Records older than this are deleted, unless the topic says otherwise."),
        Setting(
            "data.retention_free", .size, "0",
            "When less than this is free on the disk, the oldest records go first, whatever their age; 0: never."),
        Setting(
            "data.retention_size", .size, "0",
            "The oldest records of a partition are deleted when it is larger than this; 0: never."),
        Setting(
            "data.scrub_rate", .size, "1MiB",
            "So many bytes of old log files are read each second to find damage early, once a week; 0: none."),
        Setting(
            "data.minimum_free", .size, "512MiB",
            "Writing is refused when less than this is free on the disk; reading goes on."),
        Setting(
            "kafka.listen", .list, "127.0.0.1:9092",
            "HOST:PORT of the Kafka protocol, one or several; port 0 takes a free one."),
        Setting(
            "kafka.listen_also", .text, "127.0.0.1:19092",
            "A second address, taken only when it is free; \"\" for none."),
        Setting(
            "kafka.advertise", .list, "auto",
            "HOST:PORT told to clients, one for all or one for each of listen; \"auto\": the address that the client used."
        ),
        Setting("kafka.auto_create", .boolean, "true", "Create unknown topics on produce; false for production."),
        Setting("kafka.default_partitions", .number(1...1000), "1", "Partitions of topics created without a number."),
        Setting(
            "kafka.clamp_replication", .boolean, "true",
            "Accept a replication factor above 1 and keep one copy; false refuses it."),
        Setting("kafka.delete_topics", .boolean, "true", "Let clients delete topics."),
        Setting("kafka.message_max", .size, "200MiB", "The largest record batch, unless the topic says otherwise."),
        Setting(
            "kafka.fetch_max", .size, "55MiB",
            "Records in one answer to a fetch at most; a larger batch still goes out whole."),
        Setting(
            "kafka.connections_max", .number(1...1_000_000), "4096",
            "Connections of clients at a time; more are closed."
        ),
        Setting(
            "kafka.partitions_max", .number(1...1_000_000), "20000", "Partitions of all topics together at most."),
        Setting(
            "kafka.producer_expiration", .duration, "1d",
            "How long the batches of an idempotent producer that is silent are remembered."),
        Setting(
            "groups.offsets_retention", .duration, "7d",
            "How long committed offsets are kept once their consumer group is empty."),
        Setting(
            "groups.rebalance_delay", .duration, "0s",
            "How long a consumer group waits for more members before it begins."),
        Setting("groups.session_timeout_min", .duration, "1s", "The shortest session that a member may ask for."),
        Setting("groups.session_timeout_max", .duration, "30m", "The longest session that a member may ask for."),
        Setting("groups.members_max", .number(1...10_000), "250", "Members of one consumer group at most."),
        Setting(
            "groups.offset_metadata_max", .size, "4096", "The longest text that a client may commit with an offset."),
        Setting(
            "groups.consumer_session_timeout", .duration, "45s",
            "A consumer that the broker assigns partitions to is given up after so long a silence (KIP-848)."),
        Setting(
            "groups.consumer_heartbeat_interval", .duration, "5s",
            "How often such a consumer is to be heard of; less than the session timeout."),
        Setting(
            "groups.migration_policy", .choice(["disabled", "upgrade", "downgrade", "bidirectional"]), "bidirectional",
            "Which way groups may go over between the classic protocol and KIP-848's while they have members."),
        Setting(
            "transactions.timeout_max", .duration, "15m",
            "The longest time for which a producer may ask to keep a transaction open."),
        Setting(
            "transactions.id_expiration", .duration, "7d", "How long a transactional id that nobody uses is remembered."
        ),
        Setting(
            "security.acls", .boolean, "false",
            "Take and tell access rules (ACLs); they are kept, and not yet enforced. false: clients hear SECURITY_DISABLED."
        ),
        Setting("console.enabled", .boolean, "true", "Serve the web console, /metrics and /ready."),
        Setting("console.listen", .text, "127.0.0.1:8080", "HOST:PORT of the web console; port 0 takes a free one."),
        Setting("writer.enabled", .boolean, "true", "Write NeXus files for the runs on the run-info topics."),
        Setting("writer.output", .text, "files", "Where files go; a relative path is under the data directory."),
        Setting("writer.before_start", .duration, "10s", "How far before a run's start to look for data."),
        Setting("writer.after_stop", .duration, "1s", "How long after a run's stop to wait for late data."),
        Setting("histogram.enabled", .boolean, "true", "Histogram the runs' events."),
        Setting("histogram.bins", .number(1...1_000_000), "1000", "Bins of the time-of-flight histogram."),
        Setting("histogram.range", .duration, "20ms", "The time of flight where the histogram ends."),
        Setting("histogram.interval", .duration, "1s", "How often histograms are published."),
        Setting(
            "run.structure", .text, "",
            "File with the NeXus structure of new runs; \"\": the built-in one, config/nexus/demo.json."),
        Setting("source.enabled", .boolean, "false", "Run the simulated instrument."),
        Setting("source.instrument", .text, "DEMO", "The simulated instrument's name, which prefixes its topics."),
        Setting("source.rate", .number(0...20_000_000), "1e6", "Neutron events a second."),
        Setting("source.pulse_rate", .number(0.1...1000), "10", "Pulses a second."),
        Setting("source.seed", .number(0...9_007_199_254_740_991), "1", "The same seed gives the same events."),
        Setting("forwarder.simulate", .boolean, "false", "Forward simulated process variables."),
    ]
}
