import KafkaWire
import TestSupport
import Testing

@testable import Broker

@Suite struct SettingTests {
    private static let policy = SettingShape.list(["delete", "compact"])

    @Test func changesAreApplied() throws {
        func result(_ operation: Int8, _ value: String?, current: String) throws -> String? {
            try SettingChange(name: "cleanup.policy", operation: operation, value: value)
                .result(current: current, Self.policy)
        }
        #expect(try result(0, "compact", current: "delete") == "compact")
        #expect(try result(1, nil, current: "compact") == nil)
        #expect(try result(2, "compact", current: "delete") == "delete,compact")
        #expect(try result(2, "delete, compact", current: "delete") == "delete,compact")
        #expect(try result(3, "delete", current: "compact,delete") == "compact")
        #expect(try result(3, "other", current: "delete") == "delete")
    }

    @Test func badChangesAreRefused() throws {
        #expect(throws: BrokerError.self) { try SettingChange(name: "a", operation: 4, value: "1") }
        #expect(throws: BrokerError.self) { try SettingChange(name: "a", operation: 0, value: nil) }
        let append = try SettingChange(name: "segment.bytes", operation: 2, value: "1")
        let error = #expect(throws: BrokerError.self) { try append.result(current: "1", .number(0...9)) }
        #expect(error?.kind == .invalidConfiguration)
    }

    @Test func everySettingAllowsItsDefault() throws {
        for setting in TopicSetting.all { try setting.shape.check(setting.builtIn, of: setting.name) }
        for setting in GroupSetting.all {
            try setting.shape.check("\(setting.standard(GroupOptions()))", of: setting.name)
        }
        for setting in BrokerSetting.all {
            guard let builtIn = setting.builtIn else { continue }
            try setting.shape.check(builtIn, of: setting.name)
        }
        #expect(Set(BrokerSetting.all.map(\.name)).count == BrokerSetting.all.count)
    }

    @Test func whatTheBrokerSaysInTheEndCounts() {
        var options = BrokerOptions(dataDirectory: "")
        var broker = BrokerConfiguration(options)
        func retention() -> (value: String, sources: [ConfigSource]) {
            let setting = TopicSetting.named("retention.ms")!
            return (broker.topicDefault("retention.ms"), broker.topicLayers(setting).map(\.source))
        }
        #expect(retention() == ("604800000", [.defaultConfig]))
        options.retentionMilliseconds = 5000
        broker = BrokerConfiguration(options)
        #expect(retention() == ("5000", [.staticBrokerConfig, .defaultConfig]))
        broker.cluster["log.retention.hours"] = "2"
        #expect(retention() == ("7200000", [.dynamicDefaultBrokerConfig, .staticBrokerConfig, .defaultConfig]))
        broker.cluster["log.retention.ms"] = "9"
        #expect(retention().value == "9")
        broker.node["log.retention.minutes"] = "1"
        #expect(retention().value == "60000")
        broker.node["log.retention.hours"] = "-1"
        broker.node["log.retention.minutes"] = nil
        #expect(retention().value == "-1")
    }

    @Test func aConfigurationFileIsToldFromTheDefaults() {
        var options = BrokerOptions(dataDirectory: "/data")
        options.messageMaxBytes = 1000
        let settings = DescribedSetting.node(BrokerConfiguration(options))
        func source(_ name: String) -> ConfigSource? { settings.first { $0.name == name }?.source }
        #expect(source("message.max.bytes") == .staticBrokerConfig)
        #expect(source("log.segment.bytes") == .defaultConfig)
        #expect(source("log.dirs") == .staticBrokerConfig)
        #expect(settings.first { $0.name == "num.partitions" }?.isReadOnly == true)
        #expect(settings.first { $0.name == "log.retention.ms" }?.isReadOnly == false)
    }
}
