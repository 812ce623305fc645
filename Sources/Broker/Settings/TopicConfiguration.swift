/// The settings of a topic that differ from the broker's defaults, by Kafka name, each checked.
struct TopicConfiguration: Equatable, Sendable {
    /// Settings that the topic has of its own.
    private(set) var overrides: [String: String] = [:]

    /// No setting differs from the defaults.
    init() {}

    /// Checks every entry; throws `invalidConfiguration`, which names the entry.
    init(_ entries: [String: String]) throws(BrokerError) {
        for (name, value) in entries.sorted(by: { $0.key < $1.key }) { try set(name, value) }
    }

    /// Sets one entry; nil removes it, so that the default counts again.
    mutating func set(_ name: String, _ value: String?) throws(BrokerError) {
        guard let setting = TopicSetting.named(name) else {
            throw BrokerError(.invalidConfiguration, "unknown topic setting \(name.debugDescription)")
        }
        if let value { try setting.shape.check(value, of: name) }
        overrides[name] = value
    }

    /// The value that counts, from the topic or the broker's defaults.
    func value(_ name: String, _ broker: BrokerConfiguration) -> String {
        overrides[name] ?? broker.topicDefault(name)
    }

    /// A whole number that counts; the entry must be of a numeric setting.
    func number(_ name: String, _ broker: BrokerConfiguration) -> Int64 {
        guard let number = Int64(value(name, broker)) else { preconditionFailure("\(name) is not a number") }
        return number
    }

    /// A share from 0 to 1 that counts; the entry must be of such a setting.
    func share(_ name: String, _ broker: BrokerConfiguration) -> Double {
        guard let share = Double(value(name, broker)) else { preconditionFailure("\(name) is not a share") }
        return share
    }

    /// Whether a boolean setting is on.
    func isOn(_ name: String, _ broker: BrokerConfiguration) -> Bool { value(name, broker) == "true" }

    /// Whether the last record of each key is kept (`cleanup.policy` holds `compact`).
    func isCompacted(_ broker: BrokerConfiguration) -> Bool { policies(broker).contains("compact") }

    /// Whether old segments are removed; `compact` alone keeps them for ever.
    func isDeleting(_ broker: BrokerConfiguration) -> Bool { policies(broker).contains("delete") }

    private func policies(_ broker: BrokerConfiguration) -> [String] {
        SettingShape.words(value("cleanup.policy", broker))
    }
}
