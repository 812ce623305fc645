import Broker
import KafkaWire
import Observability
import Streams
import TestSupport
import Testing

/// AlterConfigs, IncrementalAlterConfigs, DescribeConfigs and ListConfigResources over a real socket.
@Suite struct ConfigsTests {
    private typealias Change = (name: String, operation: Int8, value: String?)

    private func withServer<R>(
        _ directory: TemporaryDirectory = TemporaryDirectory(), _ change: (inout BrokerOptions) -> Void = { _ in },
        _ body: (Broker, TestClient) throws -> R
    ) throws -> R {
        try withBroker(directory, change) { broker in
            try broker.start()
            return try body(broker, try TestClient(broker.addresses[0]))
        }
    }

    private func change(
        _ client: TestClient, _ type: Int8, _ name: String, _ changes: [Change], validateOnly: Bool = false
    ) throws -> ErrorCode {
        let request = IncrementalAlterConfigsRequest(
            resources: [
                .init(
                    type: type, name: name,
                    configs: changes.map { .init(name: $0.name, operation: $0.operation, value: $0.value) })
            ], validateOnly: validateOnly)
        let response = try client.call(request, version: 1, IncrementalAlterConfigsResponse.self)
        #expect(response.responses.map(\.name) == [name])
        return response.responses[0].errorCode
    }

    private func replace(
        _ client: TestClient, _ type: Int8, _ name: String, _ entries: [(String, String?)], version: Int16 = 2
    ) throws -> ErrorCode {
        let request = AlterConfigsRequest(
            resources: [.init(type: type, name: name, configs: entries.map { .init(name: $0.0, value: $0.1) })])
        return try client.call(request, version: version, AlterConfigsResponse.self).responses[0].errorCode
    }

    private func describe(
        _ client: TestClient, _ type: Int8, _ name: String, _ keys: [String]? = nil, version: Int16 = 4
    ) throws -> DescribeConfigsResponse.Result {
        let request = DescribeConfigsRequest(
            resources: [.init(type: type, name: name, keys: keys)], includeSynonyms: true,
            includeDocumentation: version >= 3)
        return try client.call(request, version: version, DescribeConfigsResponse.self).results[0]
    }

    @Test func topicSettingsTakeEffectAtOnceAndStay() throws {
        let directory = TemporaryDirectory()
        try withServer(directory) { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            let large = try batch([String(repeating: "x", count: 500)])
            #expect(try client.produce(large, to: "T")?.errorCode == ErrorCode.none)
            #expect(
                try change(client, 2, "T", [("max.message.bytes", 0, "200"), ("cleanup.policy", 2, "compact")]) == .none
            )
            #expect(try client.produce(large, to: "T")?.errorCode == .messageTooLarge)
            // Now that the topic is compacted too, a record needs a key.
            let refused = try client.produce(try batch(["a", "b"]), to: "T")
            #expect(refused?.errorCode == .invalidRecord)
            #expect(refused?.recordErrors.map(\.batchIndex) == [0, 1])
        }
        try withServer(directory) { broker, client in
            let configs = try describe(client, 2, "T", ["max.message.bytes", "cleanup.policy"]).configs
            #expect(configs.map(\.name) == ["cleanup.policy", "max.message.bytes"])
            #expect(configs.map(\.value) == ["delete,compact", "200"])
            #expect(configs.map(\.source) == [.dynamicTopicConfig, .dynamicTopicConfig])
            #expect(configs[1].synonyms.map(\.name) == ["max.message.bytes", "message.max.bytes"])
            #expect(configs[1].documentation?.isEmpty == false)
            #expect(
                try change(client, 2, "T", [("cleanup.policy", 3, "compact"), ("max.message.bytes", 1, nil)]) == .none)
            #expect(try client.produce(try batch(["a"]), to: "T")?.errorCode == ErrorCode.none)
        }
    }

    @Test func replacingForgetsWhatIsNotNamed() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", configuration: ["retention.ms": "5"]))
            for version in SupportedVersions.of(.alterConfigs).decodable {
                #expect(try replace(client, 2, "T", [("segment.ms", "6")], version: version) == .none)
            }
            let own = try describe(client, 2, "T").configs.filter { $0.source == .dynamicTopicConfig }
            #expect(own.map(\.name) == ["segment.ms"])
            #expect(try replace(client, 2, "T", [("segment.ms", nil)]) == .invalidRequest)
            #expect(try replace(client, 2, "T", [("segment.ms", "1"), ("segment.ms", "2")]) == .invalidRequest)
            #expect(try replace(client, 8, "1", [("root", "DEBUG")]) == .invalidRequest)
        }
    }

    @Test func badChangesOfTopicsAreRefusedByName() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            let cases: [(String, [Change], ErrorCode)] = [
                ("T", [("no.such.key", 0, "1")], .invalidConfig), ("T", [("retention.ms", 0, "x")], .invalidConfig),
                ("T", [("retention.ms", 2, "1")], .invalidConfig), ("T", [("retention.ms", 0, nil)], .invalidRequest),
                ("T", [("retention.ms", 9, "1")], .invalidRequest),
                ("T", [("retention.ms", 0, "1"), ("retention.ms", 1, nil)], .invalidRequest),
                ("U", [("retention.ms", 0, "1")], .unknownTopicOrPartition),
                ("a b", [("retention.ms", 0, "1")], .invalidTopicException),
                ("", [("retention.ms", 0, "1")], .invalidRequest),
            ]
            for (name, changes, expected) in cases {
                #expect(try change(client, 2, name, changes) == expected, "\(name) \(changes)")
            }
            #expect(try change(client, 2, "T", [("retention.ms", 0, "7")], validateOnly: true) == .none)
            #expect(try change(client, 2, "T", [("retention.ms", 0, "x")], validateOnly: true) == .invalidConfig)
            #expect(try describe(client, 2, "T", ["retention.ms"]).configs[0].value == "604800000")
            let twice = AlterConfigsRequest(resources: [.init(name: "T"), .init(name: "T"), .init(name: "U")])
            let codes = try client.call(twice, version: 2, AlterConfigsResponse.self).responses.map(\.errorCode)
            #expect(codes == [.invalidRequest, .invalidRequest, .unknownTopicOrPartition])
        }
    }

    @Test func brokerSettingsReachTheTopicsThatSayNothing() throws {
        let directory = TemporaryDirectory()
        try withServer(directory) { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            try broker.streams.createTopic(TopicSpecification("U", configuration: ["max.message.bytes": "100000"]))
            let large = try batch([String(repeating: "x", count: 500)])
            #expect(try change(client, 4, "", [("message.max.bytes", 0, "200")]) == .none)
            #expect(try client.produce(large, to: "T")?.errorCode == .messageTooLarge)
            #expect(try client.produce(large, to: "U")?.errorCode == ErrorCode.none)
            #expect(
                try change(client, 4, "1", [("message.max.bytes", 0, "300000"), ("log.retention.hours", 0, "1")])
                    == .none)
            #expect(try client.produce(large, to: "T")?.errorCode == ErrorCode.none)
        }
        try withServer(directory) { broker, client in
            let topic = try describe(client, 2, "T", ["max.message.bytes", "retention.ms"]).configs
            #expect(topic.map(\.value) == ["300000", "3600000"])
            #expect(topic.map(\.source) == [.dynamicBrokerConfig, .dynamicBrokerConfig])
            #expect(
                topic[0].synonyms.map(\.source) == [.dynamicBrokerConfig, .dynamicDefaultBrokerConfig, .defaultConfig])
            let node = try describe(client, 4, "1", ["message.max.bytes", "node.id"]).configs
            #expect(node.map(\.value) == ["300000", "1"])
            #expect(node.map(\.isReadOnly) == [false, true])
            #expect(node.map(\.source) == [.dynamicBrokerConfig, .staticBrokerConfig])
            let cluster = try describe(client, 4, "").configs
            #expect(cluster.map(\.name) == ["message.max.bytes"] && cluster.map(\.value) == ["200"])
            #expect(try change(client, 4, "1", [("message.max.bytes", 1, nil)]) == .none)
            #expect(try describe(client, 2, "T", ["max.message.bytes"]).configs[0].value == "200")
        }
    }

    @Test func badChangesOfTheBrokerAreRefused() throws {
        try withServer { _, client in
            let cases: [(String, [Change], ErrorCode)] = [
                ("1", [("num.partitions", 0, "3")], .invalidRequest), ("1", [("no.such.key", 0, "3")], .invalidRequest),
                ("1", [("message.max.bytes", 0, "x")], .invalidRequest),
                ("2", [("message.max.bytes", 0, "1000")], .invalidRequest),
                ("one", [("message.max.bytes", 0, "1000")], .invalidRequest),
                ("1", [("background.threads", 2, "9")], .invalidConfig),
                // Settings without effect here are taken, as librdkafka's own tests ask for.
                ("1", [("background.threads", 0, "9"), ("log.cleanup.policy", 2, "compact")], .none),
                ("1", [("background.threads", 1, ""), ("log.cleanup.policy", 3, "compact")], .none),
                ("1", [("sasl.kerberos.min.time.before.relogin", 0, "58000")], .none),
            ]
            for (name, changes, expected) in cases {
                #expect(try change(client, 4, name, changes) == expected, "\(name) \(changes)")
            }
            #expect(try change(client, 16, "metrics", [("interval.ms", 0, "1000")]) == .invalidRequest)
            #expect(try change(client, 77, "x", []) == .invalidRequest)
            let codes = try ["2", "x"].map { try describe(client, 4, $0).errorCode }
            #expect(codes == [.invalidRequest, .invalidRequest])
        }
    }

    @Test func groupsHaveSettings() throws {
        let directory = TemporaryDirectory()
        try withServer(directory) { _, client in
            let cases: [(String, Change, ErrorCode)] = [
                ("g", ("consumer.session.timeout.ms", 0, "50000"), .none),
                ("g", ("consumer.session.timeout.ms", 0, "1"), .invalidConfig),
                ("g", ("no.such.key", 0, "1"), .invalidConfig),
                ("g", ("consumer.heartbeat.interval.ms", 0, "50000"), .invalidConfig),
                ("", ("consumer.session.timeout.ms", 0, "50000"), .invalidRequest),
            ]
            for (name, change, expected) in cases {
                let code = try self.change(client, 32, name, [change])
                #expect(code == expected, "\(name) \(change)")
            }
        }
        try withServer(directory) { _, client in
            var configs = try describe(client, 32, "g").configs
            #expect(configs.map(\.name) == ["consumer.heartbeat.interval.ms", "consumer.session.timeout.ms"])
            #expect(
                configs.map(\.value) == ["5000", "50000"] && configs.map(\.source) == [.defaultConfig, .groupConfig])
            #expect(try change(client, 32, "g", [("consumer.session.timeout.ms", 1, nil)]) == .none)
            configs = try describe(client, 32, "g").configs
            #expect(configs.map(\.source) == [.defaultConfig, .defaultConfig])
        }
    }

    @Test func aGroupFollowsItsOwnSettings() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            func interval(_ member: String, epoch: Int32) throws -> Int32 {
                let heartbeat = ConsumerGroupHeartbeatRequest(
                    groupID: "g", memberID: member, memberEpoch: epoch, rebalanceTimeoutMilliseconds: 60_000,
                    subscribedTopicNames: ["T"], topicPartitions: [])
                return try client.call(heartbeat, version: 1, ConsumerGroupHeartbeatResponse.self)
                    .heartbeatIntervalMilliseconds
            }
            #expect(try interval("a", epoch: 0) == 5000)
            #expect(try change(client, 32, "g", [("consumer.heartbeat.interval.ms", 0, "1234")]) == .none)
            #expect(try interval("b", epoch: 0) == 1234)
            #expect(try describe(client, 32, "g").configs.map(\.value) == ["1234", "45000"])
        }
    }

    @Test func resourcesAreListed() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            #expect(try change(client, 32, "g", [("consumer.session.timeout.ms", 0, "50000")]) == .none)
            func list(_ types: [Int8], version: Int16 = 1) throws -> ListConfigResourcesResponse {
                try client.call(
                    ListConfigResourcesRequest(resourceTypes: types), version: version, ListConfigResourcesResponse.self
                )
            }
            let all = try list([])
            #expect(all.resources.map(\.name) == ["T", "1", "1", "g"] && all.resources.map(\.type) == [2, 4, 8, 32])
            #expect(try list([32, 16]).resources.map(\.name) == ["g"])
            #expect(try list([3]).errorCode == .unsupportedVersion)
            #expect(try list([], version: 0).resources.isEmpty)
        }
    }

    @Test func logLevelsCanBeChanged() throws {
        let before = Log.level
        defer { Log.level = before }
        try withServer { _, client in
            #expect(try change(client, 8, "1", [("root", 0, "ERROR")], validateOnly: true) == .none)
            #expect(Log.level == before)
            #expect(try change(client, 8, "1", [("root", 0, "ERROR")]) == .none)
            #expect(Log.level == .error)
            let configs = try describe(client, 8, "1").configs
            #expect(configs.map(\.value) == ["ERROR"] && configs.map(\.source) == [.dynamicBrokerLoggerConfig])
            #expect(try change(client, 8, "1", [("root", 1, nil)]) == .invalidRequest)
            #expect(try change(client, 8, "1", [("root", 0, "LOUD")]) == .invalidConfig)
            #expect(try change(client, 8, "1", [("kafka.log", 0, "INFO")]) == .invalidConfig)
            #expect(try change(client, 8, "", [("root", 0, "INFO")]) == .invalidRequest)
        }
    }
}
