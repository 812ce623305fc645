import Observability

/// The log levels of this process as a resource with settings (KIP-412): one logger, `root`, whose level every component
/// follows. A change is forgotten when the process ends.
enum LogLevels {
    static let root = "root"
    /// The levels that Kafka knows, with those of ours that they mean.
    private static let levels: [(name: String, level: LogLevel)] = [
        ("TRACE", .debug), ("DEBUG", .debug), ("INFO", .info), ("WARN", .warning), ("ERROR", .error),
        ("FATAL", .error),
    ]

    /// The level now, in Kafka's words.
    static var current: String {
        switch Log.level {
        case .debug: "DEBUG"
        case .info: "INFO"
        case .warning: "WARN"
        case .error: "ERROR"
        }
    }

    /// Changes levels, or only checks that they could be changed.
    static func change(_ changes: [SettingChange], validateOnly: Bool) throws(BrokerError) {
        var wanted: LogLevel?
        for change in changes {
            guard change.name == root else {
                throw BrokerError(.invalidConfiguration, "logger \(change.name) does not exist; there is \(root)")
            }
            switch change.operation {
            case .set:
                guard let level = levels.first(where: { $0.name == change.value }) else {
                    throw BrokerError(
                        .invalidConfiguration,
                        "log level \(change.value.debugDescription): give one of \(levels.map(\.name).joined(separator: ", "))"
                    )
                }
                wanted = level.level
            case .delete: throw BrokerError(.invalidRequest, "the level of the root logger can be set, not removed")
            case .append, .subtract: throw BrokerError(.invalidRequest, "a log level is not a list")
            }
        }
        if let wanted, !validateOnly { Log.level = wanted }
    }
}
