/// The kinds of resources that have settings (Kafka's `ConfigResource.Type`), on the wire as INT8.
public enum ConfigResourceType: Int8, Sendable, CaseIterable {
    /// A topic, by name.
    case topic = 2
    /// A broker, by number; without a name the defaults of all brokers.
    case broker = 4
    /// The log levels of a broker, by number.
    case brokerLogger = 8
    /// A subscription of client metrics (KIP-714).
    case clientMetrics = 16
    /// A consumer group, by name (KIP-848).
    case group = 32
}
