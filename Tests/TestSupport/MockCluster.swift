import CRdKafka

/// librdkafka's in-memory cluster of one broker, on a free port of this machine.
public final class MockCluster {
    private let handle: OpaquePointer
    private let cluster: OpaquePointer
    /// Where it listens.
    public let bootstrapServers: String

    /// A cluster without topics.
    public init() {
        precondition(Self.isLoaded, "librdkafka is missing")
        var text = [CChar](repeating: 0, count: 256)
        let configuration = rd_kafka_conf_new()
        rd_kafka_conf_set_log_cb(configuration) { _, _, _, _ in }
        handle = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &text, text.count)!
        cluster = rd_kafka_mock_cluster_new(handle, 1)!
        bootstrapServers = String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
    }

    private static let isLoaded: Bool = {
        var text = [CChar](repeating: 0, count: 256)
        return rk_load(&text, UInt(text.count)) == 1
    }()

    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(handle)
    }

    /// Creates a topic.
    public func createTopic(_ name: String, partitions: Int32 = 1) {
        rd_kafka_mock_topic_create(cluster, name, partitions, 1)
    }

    /// Answers the next requests of a kind (Kafka's API key) with these error codes.
    public func fail(_ apiKey: Int16, _ codes: [rd_kafka_resp_err_t]) {
        rd_kafka_mock_push_request_errors_array(cluster, apiKey, codes.count, codes)
    }
}
