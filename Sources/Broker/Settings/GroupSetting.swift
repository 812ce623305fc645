import KafkaWire

/// One setting that a consumer group of the new protocol (KIP-848) can have: Kafka's `GroupConfig`.
struct GroupSetting: Sendable {
    let name: String
    let shape: SettingShape
    let documentation: String
    /// What counts for groups that say nothing.
    let standard: @Sendable (GroupOptions) -> Int32

    /// The setting of this name; nil when there is none.
    static func named(_ name: String) -> GroupSetting? { all.first { $0.name == name } }

    static let heartbeatInterval = GroupSetting(
        name: "consumer.heartbeat.interval.ms", shape: .number(100...600_000),
        documentation: "How often members are told to say that they live, in ms."
    ) { $0.consumerHeartbeatIntervalMilliseconds }

    static let sessionTimeout = GroupSetting(
        name: "consumer.session.timeout.ms", shape: .number(1000...1_800_000),
        documentation: "After how long a silent member is taken for gone, in ms."
    ) { $0.consumerSessionTimeoutMilliseconds }

    /// All settings, sorted by name.
    static let all = [heartbeatInterval, sessionTimeout]
}
