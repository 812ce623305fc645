/// Changes the settings of any resource. Blocks until a change is durable: belongs on a worker thread.
struct ResourceSettings {
    let core: BrokerCore

    /// Gives a resource a whole new set of settings; what is not named goes back to its default (AlterConfigs).
    func replace(
        _ resource: ConfigurationResource, with entries: [(name: String, value: String?)], validateOnly: Bool
    ) throws(BrokerError) {
        try Self.checkOnce(entries.map(\.name))
        let missing = entries.filter { $0.value == nil }.map(\.name)
        guard missing.isEmpty else {
            throw BrokerError(
                .invalidRequest, "a null value is not supported: \(missing.joined(separator: ", "))")
        }
        let settings = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.value ?? "") })
        switch resource {
        case .topic(let name):
            try checkExists(name)
            try core.catalog.configure(name, entries, replacingAll: true, validateOnly: validateOnly)
        case .node: try replaceBroker(.node, settings, validateOnly)
        case .cluster: try replaceBroker(.cluster, settings, validateOnly)
        case .group(let name): try replaceGroup(name, settings, validateOnly)
        case .logger:
            throw BrokerError(.invalidRequest, "log levels are changed one at a time, by IncrementalAlterConfigs")
        }
    }

    /// Changes single settings of a resource (IncrementalAlterConfigs).
    func change(
        _ resource: ConfigurationResource, _ changes: [SettingChange], validateOnly: Bool
    ) throws(BrokerError) {
        try Self.checkOnce(changes.map(\.name))
        switch resource {
        case .topic(let name): try changeTopic(name, changes, validateOnly)
        case .node: try changeBroker(.node, changes, validateOnly)
        case .cluster: try changeBroker(.cluster, changes, validateOnly)
        case .group(let name): try changeGroup(name, changes, validateOnly)
        case .logger: try LogLevels.change(changes, validateOnly: validateOnly)
        }
    }

    private static func checkOnce(_ names: [String]) throws(BrokerError) {
        guard Set(names).count == names.count else {
            throw BrokerError(.invalidRequest, "a setting is named twice")
        }
    }

    private func checkExists(_ topic: String) throws(BrokerError) {
        try TopicName.check(topic)
        guard core.catalog.topic(topic) != nil else {
            throw BrokerError(.unknownTopic, "topic \(topic) does not exist")
        }
    }

    // MARK: - Topics

    private func changeTopic(
        _ name: String, _ changes: [SettingChange], _ validateOnly: Bool
    ) throws(BrokerError) {
        try checkExists(name)
        guard let topic = core.catalog.topic(name) else { return }
        let broker = core.settings.broker
        var results: [(name: String, value: String?)] = []
        for change in changes {
            guard let setting = TopicSetting.named(change.name) else {
                throw BrokerError(.invalidConfiguration, "unknown topic setting \(change.name.debugDescription)")
            }
            let current = topic.configuration.value(change.name, broker)
            results.append((change.name, try change.result(current: current, setting.shape)))
        }
        try core.catalog.configure(name, results, validateOnly: validateOnly)
    }

    // MARK: - Broker

    private func changeBroker(
        _ resource: SettingsRecord.Resource, _ changes: [SettingChange], _ validateOnly: Bool
    ) throws(BrokerError) {
        var settings = core.settings.settings(resource)
        for change in changes {
            let setting = try Self.dynamicSetting(change.name)
            let current =
                settings[change.name] ?? core.settings.broker.layers(setting).first { $0.name == change.name }?.value
            settings[change.name] = try change.result(current: current ?? "", setting.shape)
        }
        try replaceBroker(resource, settings, validateOnly)
    }

    private func replaceBroker(
        _ resource: SettingsRecord.Resource, _ settings: [String: String], _ validateOnly: Bool
    ) throws(BrokerError) {
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
            do throws(BrokerError) {
                try Self.dynamicSetting(name).shape.check(value, of: name)
            } catch {
                // Kafka answers so for brokers, where a topic's setting is INVALID_CONFIG (KAFKA-13609).
                throw BrokerError(.invalidRequest, error.message)
            }
        }
        guard !validateOnly, settings != core.settings.settings(resource) else { return }
        try core.settings.replace(resource, settings)
        try core.catalog.applyDefaults()
    }

    private static func dynamicSetting(_ name: String) throws(BrokerError) -> BrokerSetting {
        guard let setting = BrokerSetting.named(name) else {
            throw BrokerError(.invalidRequest, "unknown broker setting \(name.debugDescription)")
        }
        guard setting.isDynamic else {
            throw BrokerError(.invalidRequest, "broker setting \(name) cannot be changed while the broker runs")
        }
        return setting
    }

    // MARK: - Groups

    private func changeGroup(
        _ name: String, _ changes: [SettingChange], _ validateOnly: Bool
    ) throws(BrokerError) {
        var settings = core.settings.group(name)
        for change in changes {
            let setting = try Self.groupSetting(change.name)
            settings[change.name] = try change.result(
                current: settings[change.name] ?? "", setting.shape)
        }
        try replaceGroup(name, settings, validateOnly)
    }

    private func replaceGroup(
        _ name: String, _ settings: [String: String], _ validateOnly: Bool
    ) throws(BrokerError) {
        for (setting, value) in settings.sorted(by: { $0.key < $1.key }) {
            try Self.groupSetting(setting).shape.check(value, of: setting)
        }
        func milliseconds(_ setting: GroupSetting) -> Int32 {
            settings[setting.name].flatMap { Int32($0) } ?? setting.standard(core.options.groups)
        }
        guard milliseconds(.heartbeatInterval) < milliseconds(.sessionTimeout) else {
            throw BrokerError(
                .invalidConfiguration,
                "\(GroupSetting.heartbeatInterval.name) must be less than \(GroupSetting.sessionTimeout.name)")
        }
        guard !validateOnly, settings != core.settings.group(name) else { return }
        try core.settings.replace(.group(name), settings)
    }

    private static func groupSetting(_ name: String) throws(BrokerError) -> GroupSetting {
        guard let setting = GroupSetting.named(name) else {
            throw BrokerError(.invalidConfiguration, "unknown group setting \(name.debugDescription)")
        }
        return setting
    }
}
