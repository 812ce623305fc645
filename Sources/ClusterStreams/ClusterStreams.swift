import CRdKafka
import Glibc
import Streams
import Synchronization

/// Streams on a Kafka cluster, through librdkafka: Apache Kafka, Redpanda, or this broker in another process.
///
/// Thread-safe. Readers and producers have connections of their own; everything else shares one handle.
public final class ClusterStreams: Streams {
    let configuration: ClusterConfiguration
    private let shared: Mutex<ClusterHandle?>

    /// Streams on the cluster that answers at `bootstrapServers`. No broker needs to be there yet.
    ///
    /// - Parameters:
    ///   - bootstrapServers: `host:port` of one or more brokers, separated by commas.
    ///   - properties: librdkafka's settings by name (`-X` on the command line); they win over the defaults.
    ///   - clientID: the name that brokers show for these connections.
    /// - Throws: `invalidArgument` for a setting that librdkafka does not know or take.
    public init(
        bootstrapServers: String, properties: [String: String] = [:], clientID: String = "sluice"
    ) throws(StreamError) {
        configuration = ClusterConfiguration(
            bootstrapServers: bootstrapServers, properties: properties, clientID: clientID)
        shared = Mutex(try ClusterHandle(configuration, .administration))
    }

    /// The handle for questions; throws once the stream is closed.
    func handle() throws(StreamError) -> ClusterHandle {
        guard let handle = shared.withLock({ $0 }) else {
            throw StreamError(.closed, "the connection to \(configuration.bootstrapServers) is closed")
        }
        return handle
    }

    public func close() {
        let last = shared.withLock { handle in
            defer { handle = nil }
            return handle
        }
        // Destroyed here, outside the lock, unless another thread still waits for an answer.
        _ = last
    }

    public func topics() throws(StreamError) -> [TopicDescription] {
        let handle = try handle()
        return try Self.metadata(handle, topic: nil).map { $0.description }.sorted { $0.name < $1.name }
    }

    public func topic(_ name: String) throws(StreamError) -> TopicDescription? {
        try Self.lookUp(name, try handle())
    }

    /// One topic with its partitions, as the cluster knows it now; nil when there is none.
    static func lookUp(_ name: String, _ handle: ClusterHandle) throws(StreamError) -> TopicDescription? {
        guard (1...249).contains(name.utf8.count) else {
            throw StreamError(.invalidArgument, "topic name '\(name)' must have 1 to 249 characters")
        }
        guard let topic = rd_kafka_topic_new(handle.raw, name, nil) else {
            throw handle.error(rd_kafka_last_error(), "topic \(name)")
        }
        defer { rd_kafka_topic_destroy(topic) }
        guard let found = try metadata(handle, topic: topic).first else { return nil }
        switch found.error {
        case RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
            return found.description.partitionCount > 0 ? found.description : nil
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC: return nil
        default: throw handle.error(found.error, "topic \(name)")
        }
    }

    struct Metadata {
        let description: TopicDescription
        let error: rd_kafka_resp_err_t
    }

    /// What the cluster says of one topic, or of all.
    static func metadata(_ handle: ClusterHandle, topic: OpaquePointer?) throws(StreamError) -> [Metadata] {
        var answer: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(
            handle.raw, topic == nil ? 1 : 0, topic, &answer, ClusterConfiguration.requestTimeoutMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else {
            throw handle.error(code, "list of topics")
        }
        defer { rd_kafka_metadata_destroy(answer) }
        handle.answered()
        return (0..<Int(answer.pointee.topic_cnt)).map { index in
            let topic = answer.pointee.topics[index]
            let name = String(cString: topic.topic)
            return Metadata(
                description: TopicDescription(
                    name: name, partitionCount: topic.partition_cnt, isInternal: name.hasPrefix("__")),
                error: topic.err)
        }
    }

    public func makeReader(_ assignments: [ReaderAssignment]) throws(StreamError) -> any StreamReader {
        try ClusterReader(self, assignments)
    }

    public func makeProducer(_ options: ProducerOptions) throws(StreamError) -> any StreamProducer {
        try ClusterProducer(self, options)
    }
}
