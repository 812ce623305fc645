import CRdKafka
import Streams

extension ClusterStreams {
    public func cluster() throws(StreamError) -> ClusterDescription {
        let handle = try handle()
        var answer: UnsafePointer<rd_kafka_metadata>?
        let timeout = ClusterConfiguration.requestTimeoutMilliseconds
        let code = rd_kafka_metadata(handle.raw, 0, nil, &answer, timeout)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else { throw handle.error(code, "list of brokers") }
        defer { rd_kafka_metadata_destroy(answer) }
        handle.answered()
        let brokers = (0..<Int(answer.pointee.broker_cnt)).map { index in
            let broker = answer.pointee.brokers[index]
            return ClusterDescription.Broker(id: broker.id, host: String(cString: broker.host), port: broker.port)
        }
        // Both were told with the metadata: neither asks again.
        let id = rd_kafka_clusterid(handle.raw, 0)
        defer { if let id { rd_kafka_mem_free(handle.raw, id) } }
        let controller = rd_kafka_controllerid(handle.raw, 0)
        return ClusterDescription(
            id: id.map { String(cString: $0) }, controller: controller < 0 ? nil : controller,
            brokers: brokers.sorted { $0.id < $1.id })
    }

    public func settings(topic: String) throws(StreamError) -> [StreamTopicSetting] {
        let handle = try handle()
        let what = "settings of topic \(topic)"
        guard try Self.lookUp(topic, handle) != nil else {
            throw StreamError(.unknownTopic, "topic \(topic) does not exist")
        }
        guard let resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic) else {
            throw StreamError(.invalidArgument, what)
        }
        defer { rd_kafka_ConfigResource_destroy(resource) }
        let operation = AdministrativeOperation(handle, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, what)
        var resources: OpaquePointer? = resource
        rd_kafka_DescribeConfigs(handle.raw, &resources, 1, operation.options, operation.queue)
        var settings: [StreamTopicSetting] = []
        try operation.wait { (event) throws(StreamError) in
            var count = 0
            let result = rd_kafka_event_DescribeConfigs_result(event)
            let resources = rd_kafka_DescribeConfigs_result_resources(result, &count)
            try Self.checkResources(resources, count, handle, what)
            guard count > 0, let entries = rd_kafka_ConfigResource_configs(resources?[0], &count) else { return }
            settings = (0..<count).map { Self.setting(entries[$0]) }
        }
        return settings.sorted { $0.name < $1.name }
    }

    /// librdkafka 2.0 has only the request that replaces all of a topic's settings, so what is set already is sent again.
    public func alterSettings(topic: String, _ changes: [String: String?]) throws(StreamError) {
        var wanted: [String: String] = [:]
        for setting in try settings(topic: topic) where setting.source == .topic {
            wanted[setting.name] = setting.value
        }
        for (name, value) in changes { wanted[name] = value }
        let handle = try handle()
        let what = "changing settings of topic \(topic)"
        guard let resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic) else {
            throw StreamError(.invalidArgument, what)
        }
        defer { rd_kafka_ConfigResource_destroy(resource) }
        for (name, value) in wanted {
            let code = rd_kafka_ConfigResource_set_config(resource, name, value)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw ClusterFailure.error(code, "\(what): \(name)") }
        }
        let operation = AdministrativeOperation(handle, RD_KAFKA_ADMIN_OP_ALTERCONFIGS, what)
        var resources: OpaquePointer? = resource
        rd_kafka_AlterConfigs(handle.raw, &resources, 1, operation.options, operation.queue)
        try operation.wait { (event) throws(StreamError) in
            var count = 0
            let result = rd_kafka_event_AlterConfigs_result(event)
            try Self.checkResources(rd_kafka_AlterConfigs_result_resources(result, &count), count, handle, what)
        }
    }

    public func addPartitions(topic: String, count: Int32) throws(StreamError) {
        let handle = try handle()
        let what = "adding partitions to topic \(topic)"
        var text = [CChar](repeating: 0, count: 512)
        guard let request = rd_kafka_NewPartitions_new(topic, Int(max(0, count)), &text, text.count) else {
            throw StreamError(.invalidArgument, "\(what): \(string(text))")
        }
        defer { rd_kafka_NewPartitions_destroy(request) }
        let operation = AdministrativeOperation(handle, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, what)
        var requests: OpaquePointer? = request
        rd_kafka_CreatePartitions(handle.raw, &requests, 1, operation.options, operation.queue)
        try operation.wait { (event) throws(StreamError) in
            var results = 0
            let topics = rd_kafka_CreatePartitions_result_topics(
                rd_kafka_event_CreatePartitions_result(event), &results)
            try Self.check(topics, results, handle, what)
        }
        try waitUntil("topic \(topic) has \(count) partitions") {
            $0.map { $0.partitionCount >= count } ?? false
        } look: { () throws(StreamError) in
            try Self.lookUp(topic, handle)
        }
    }

    private static func checkResources(
        _ resources: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, _ handle: ClusterHandle, _ what: String
    ) throws(StreamError) {
        for index in 0..<count {
            let resource = resources?[index]
            let code = rd_kafka_ConfigResource_error(resource)
            guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            throw handle.error(
                code, what, detail: rd_kafka_ConfigResource_error_string(resource).map { String(cString: $0) })
        }
    }

    private static func setting(_ entry: OpaquePointer?) -> StreamTopicSetting {
        let source: StreamTopicSetting.Source =
            switch rd_kafka_ConfigEntry_source(entry) {
            case RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG: .topic
            case RD_KAFKA_CONFIG_SOURCE_DYNAMIC_BROKER_CONFIG, RD_KAFKA_CONFIG_SOURCE_DYNAMIC_DEFAULT_BROKER_CONFIG,
                RD_KAFKA_CONFIG_SOURCE_STATIC_BROKER_CONFIG:
                .broker
            case RD_KAFKA_CONFIG_SOURCE_DEFAULT_CONFIG: .builtIn
            default: .unknown
            }
        return StreamTopicSetting(
            name: String(cString: rd_kafka_ConfigEntry_name(entry)),
            value: rd_kafka_ConfigEntry_value(entry).map { String(cString: $0) }, source: source,
            isReadOnly: rd_kafka_ConfigEntry_is_read_only(entry) == 1)
    }
}
