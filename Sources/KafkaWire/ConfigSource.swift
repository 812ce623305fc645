/// Where the value of a setting comes from, on the wire as INT8. Every value is real: Java clients refuse -1.
public enum ConfigSource: Int8, Sendable {
    /// A setting of the topic itself.
    case dynamicTopicConfig = 1
    /// A setting of one broker, changed while it runs.
    case dynamicBrokerConfig = 2
    /// A setting of all brokers, changed while they run.
    case dynamicDefaultBrokerConfig = 3
    /// The broker's configuration file.
    case staticBrokerConfig = 4
    /// The built-in default.
    case defaultConfig = 5
    /// A log level of a broker.
    case dynamicBrokerLoggerConfig = 6
    /// A subscription of client metrics.
    case clientMetricsConfig = 7
    /// A setting of the group itself.
    case groupConfig = 8

    @inlinable
    mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        var raw = rawValue
        try coder.int8(&raw)
        self = ConfigSource(rawValue: raw) ?? .defaultConfig
    }
}

/// The type of a setting's value, on the wire as INT8.
public enum ConfigType: Int8, Sendable {
    case unknown = 0
    case boolean = 1
    case string = 2
    case int = 3
    case short = 4
    case long = 5
    case double = 6
    case list = 7
    case `class` = 8
    case password = 9

    @inlinable
    mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        var raw = rawValue
        try coder.int8(&raw)
        self = ConfigType(rawValue: raw) ?? .unknown
    }
}
