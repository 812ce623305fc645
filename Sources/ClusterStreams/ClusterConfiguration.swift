import CRdKafka
import Streams

/// The settings that every librdkafka handle of one `ClusterStreams` is made from.
struct ClusterConfiguration: Sendable {
    /// What the handle is for.
    enum Role {
        /// Metadata, offsets, topics.
        case administration
        /// Reading partitions.
        case reader
        /// Sending records.
        case producer(ProducerOptions)

        /// Whether an unknown topic may be created by the broker.
        var createsTopics: Bool {
            if case .producer = self { true } else { false }
        }
    }

    /// The largest record that is sent or read, in bytes: what the production brokers take.
    static let messageBytesMax = 209_715_200
    /// Records that wait in a producer for the network, in KiB: room for one record of the largest size.
    static let producerQueueKibibytesMax = 262_144
    /// Records that a reader holds ahead of its user, in KiB.
    static let readerQueueKibibytesMax = 65_536
    /// How long the broker may take to answer a question, in ms.
    static let requestTimeoutMilliseconds: Int32 = 5000

    /// `host:port` of one or more brokers, separated by commas.
    let bootstrapServers: String
    /// The user's own settings by librdkafka's names; they win over ours.
    let properties: [String: String]
    /// The name that brokers show for these connections.
    let clientID: String

    /// Whether the user asked librdkafka to explain itself (`debug=...`): its lines then go to standard error.
    var isDebugging: Bool { properties["debug"] != nil }

    /// A configuration object for `rd_kafka_new`, which takes it over; the caller destroys it if that fails.
    func make(_ role: Role) throws(StreamError) -> OpaquePointer {
        if let reason = Self.unusable { throw StreamError(.unsupported, reason) }
        let configuration: OpaquePointer = rd_kafka_conf_new()
        do throws(StreamError) {
            for (name, value) in settings(role) { try Self.set(configuration, name, value) }
            for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
                try Self.set(configuration, name, value)
            }
            try Self.set(configuration, "bootstrap.servers", bootstrapServers)
        } catch {
            rd_kafka_conf_destroy(configuration)
            throw error
        }
        return configuration
    }

    /// Loads the library for this process; why that was not possible, else nil.
    private static let unusable: String? = {
        var text = [CChar](repeating: 0, count: 256)
        return rk_load(&text, UInt(text.count)) == 0 ? string(text) : nil
    }()

    private func settings(_ role: Role) -> [(String, String)] {
        var settings = [
            ("client.id", clientID),
            ("receive.message.max.bytes", String(Self.messageBytesMax + (16 << 20))),
            ("socket.keepalive.enable", "true"),
            ("socket.nagle.disable", "true"),
            ("reconnect.backoff.max.ms", "2000"),
            ("log.connection.close", "false"),
            // Whoever asks or reads creates nothing; what is sent to a topic may create it, where the broker does that.
            ("allow.auto.create.topics", role.createsTopics ? "true" : "false"),
        ]
        switch role {
        case .administration: break
        case .reader: settings += Self.readerSettings
        case .producer(let options): settings += producerSettings(options)
        }
        return settings
    }

    /// A fetch asks for 8 MiB of a partition and still gets a single record that is larger (KIP-74), so a reader far
    /// behind needs tens of MB, not the size of the largest record times the partitions.
    private static let readerSettings = [
        ("enable.auto.commit", "false"),
        ("enable.auto.offset.store", "false"),
        // Its events carry the position behind control records, which are never handed out.
        ("enable.partition.eof", "true"),
        ("auto.offset.reset", "error"),
        ("check.crcs", "true"),
        ("fetch.message.max.bytes", String(8 << 20)),
        ("fetch.max.bytes", String(16 << 20)),
        ("queued.max.messages.kbytes", String(readerQueueKibibytesMax)),
        ("fetch.error.backoff.ms", "20"),
    ]

    private func producerSettings(_ options: ProducerOptions) -> [(String, String)] {
        let acknowledgements =
            switch options.acknowledgement {
            case .durable: "all"
            case .written: "1"
            case .none: "0"
            }
        // 0 sends at flush, which does not wait for the linger time; the second is a bound for those who never flush.
        let linger = options.lingerMilliseconds == 0 ? 1000 : min(max(options.lingerMilliseconds, 1), 30_000)
        var settings = [
            ("acks", acknowledgements),
            ("linger.ms", String(linger)),
            ("batch.size", String(min(max(options.batchBytes, 1024), Self.messageBytesMax))),
            ("batch.num.messages", "1000000"),
            ("message.max.bytes", String(Self.messageBytesMax)),
            ("message.timeout.ms", "60000"),
            ("queue.buffering.max.kbytes", String(Self.producerQueueKibibytesMax)),
            ("queue.buffering.max.messages", "1000000"),
            ("partitioner", "murmur2"),
        ]
        // A retried batch must not overtake the next one; idempotent producers keep order by sequence numbers.
        if properties["enable.idempotence"] != "true" {
            settings.append(("max.in.flight.requests.per.connection", "1"))
        }
        return settings
    }

    private static func set(_ configuration: OpaquePointer, _ name: String, _ value: String) throws(StreamError) {
        var text = [CChar](repeating: 0, count: 512)
        guard rd_kafka_conf_set(configuration, name, value, &text, text.count) == RD_KAFKA_CONF_OK else {
            // A mistake in a secret is told without the secret.
            let isSecret = name.hasSuffix("password") || name.hasSuffix(".pem")
            throw StreamError(
                .invalidArgument, "client setting \(name)=\(isSecret ? "..." : value): \(string(text))")
        }
    }
}

/// The text in a buffer that C has written up to a zero byte.
func string(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
