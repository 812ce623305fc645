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

    @Test func whatTheConfigurationFileSaysIsDescribed() {
        var options = BrokerOptions(dataDirectory: "/data")
        options.fetchMaxBytes = 1000
        options.connectionsMax = 7
        options.allowsTopicDeletion = false
        options.producerExpirationMilliseconds = 8
        options.transactions.timeoutMaxMilliseconds = 9
        options.transactions.expirationMilliseconds = 10
        options.groups.offsetMetadataBytesMax = 11
        options.groups.offsetsRetentionMilliseconds = 120_000
        options.groups.membersMax = 12
        options.groups.initialRebalanceDelayMilliseconds = 13
        options.groups.sessionTimeoutMinMilliseconds = 14
        options.groups.consumerSessionTimeoutMilliseconds = 15
        let expected = [
            "fetch.max.bytes": "1000", "max.connections": "7", "delete.topic.enable": "false",
            "producer.id.expiration.ms": "8", "transaction.max.timeout.ms": "9", "transactional.id.expiration.ms": "10",
            "offset.metadata.max.bytes": "11", "offsets.retention.minutes": "2", "group.max.size": "12",
            "group.consumer.max.size": "12", "group.initial.rebalance.delay.ms": "13",
            "group.min.session.timeout.ms": "14", "group.consumer.session.timeout.ms": "15",
        ]
        let changed = DescribedSetting.node(BrokerConfiguration(options))
        let untouched = DescribedSetting.node(BrokerConfiguration(BrokerOptions(dataDirectory: "/data")))
        for (name, value) in expected {
            let found = changed.first { $0.name == name }
            #expect(found?.value == value && found?.source == .staticBrokerConfig, "\(name)")
            #expect(untouched.first { $0.name == name }?.source == .defaultConfig, "\(name)")
        }
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
        #expect(source("transaction.max.timeout.ms") == .defaultConfig)
        #expect(settings.first { $0.name == "log.retention.ms" }?.isReadOnly == false)
    }
}
