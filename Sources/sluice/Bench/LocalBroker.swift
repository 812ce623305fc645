import Broker
import Observability
import Streams
import System

/// A broker in this process, with an empty data directory of its own.
final class LocalBroker {
    private let broker: Broker
    private let context: BenchContext
    private static let folder = "broker"
    /// Where it listens.
    let endpoint: Endpoint

    /// Starts a broker.
    init(_ context: BenchContext) throws {
        self.context = context
        let options = BrokerOptions(
            dataDirectory: context.path(Self.folder), listen: [Endpoint(host: "127.0.0.1", port: 0)])
        broker = try Broker(options: options, metrics: Metrics())
        try broker.start()
        guard let endpoint = broker.addresses.first else { throw CommandError("the broker does not listen") }
        self.endpoint = endpoint
    }

    /// Makes a topic.
    func createTopic(_ name: String, partitions: Int32 = 1) throws {
        try broker.streams.createTopic(TopicSpecification(name, partitionCount: partitions))
    }

    /// A producer in this process, without a socket.
    func makeProducer(_ options: ProducerOptions) throws -> any StreamProducer {
        try broker.streams.makeProducer(options)
    }

    /// Deletes a topic with its records.
    func deleteTopic(_ name: String) throws { try broker.streams.deleteTopic(name) }

    /// Stops the broker and removes its data.
    func stop() {
        broker.stop()
        context.remove(Self.folder)
    }
}
