import KafkaWire

/// One setting that a consumer group of the new protocol (KIP-848) can have: Kafka's `GroupConfig`.
struct GroupSetting: Sendable {
    let name: String
    let shape: SettingShape
    let builtIn: String
    let documentation: String

    /// The setting of this name; nil when there is none.
    static func named(_ name: String) -> GroupSetting? { all.first { $0.name == name } }

    /// All settings, sorted by name. The ranges are Kafka's `group.consumer.min/max.*`.
    static let all = [
        GroupSetting(
            name: "consumer.heartbeat.interval.ms", shape: .number(5000...15000), builtIn: "5000",
            documentation: "How often members are told to say that they live."),
        GroupSetting(
            name: "consumer.session.timeout.ms", shape: .number(45000...60000), builtIn: "45000",
            documentation: "After how long a silent member is taken for gone."),
    ]
}
