import Broker
import ClusterStreams
import Observability
import Streams
import System
import TestSupport
import Testing

/// The implementations of the port that must not differ.
enum Adapter: String, CaseIterable, Sendable, CustomTestStringConvertible {
    /// Straight on the log.
    case embedded
    /// Through librdkafka and a socket.
    case cluster
    /// The same on a broker that is not ours: librdkafka's own, which knows neither settings nor offsets by time, keeps
    /// only the last megabytes, and creates whatever topic it is asked for.
    case foreign

    /// Those whose broker does all that the port promises.
    static let complete: [Adapter] = [.embedded, .cluster]

    var testDescription: String { rawValue }
}

/// One adapter on a fresh broker with a data directory of its own.
final class Bench {
    let streams: any Streams
    /// The same broker's streams in its own process; nil when it is not ours.
    var embedded: (any Streams)? { broker?.streams }
    private let broker: Broker?
    private let mock: MockCluster?
    private let directory = TemporaryDirectory()

    init(_ adapter: Adapter) throws {
        guard adapter != .foreign else {
            let cluster = MockCluster()
            broker = nil
            mock = cluster
            streams = try ClusterStreams(bootstrapServers: cluster.bootstrapServers, clientID: "test")
            return
        }
        mock = nil
        var options = BrokerOptions(
            dataDirectory: directory.path, listen: adapter == .cluster ? [Endpoint(host: "127.0.0.1", port: 0)] : [])
        options.autoCreate = false
        let broker = try Broker(options: options, metrics: Metrics())
        self.broker = broker
        try broker.start()
        switch adapter {
        case .embedded: streams = broker.streams
        case .cluster, .foreign:
            streams = try ClusterStreams(
                bootstrapServers: broker.addresses.map(\.description).joined(separator: ","), clientID: "test")
        }
    }

    deinit {
        streams.close()
        broker?.stop()
    }

    func create(_ name: String, partitions: Int32 = 1, _ configuration: [String: String] = [:]) throws {
        if let mock { return mock.createTopic(name, partitions: partitions) }
        try streams.createTopic(
            TopicSpecification(name, partitionCount: partitions, configuration: configuration))
    }

    /// Produces values of one byte with the given times and returns when they are durable.
    func produce(_ topic: String, partition: Int32 = 0, times: [Int64]) throws {
        let producer = try streams.makeProducer(ProducerOptions())
        for (index, time) in times.enumerated() {
            try producer.send(topic, partition: partition, value: [UInt8(index & 255)], timestamp: time)
        }
        try producer.flush(timeoutMilliseconds: 10_000)
        producer.close()
    }

    func reader(_ topic: String, partition: Int32 = 0, from start: StartPosition) throws -> any StreamReader {
        try streams.makeReader([ReaderAssignment(TopicPartition(topic, partition), from: start)])
    }
}

/// A record that outlives the call that handed it out.
struct KeptRecord: Equatable {
    var assignment = 0
    var offset: Int64
    var timestamp: Int64
    var key: [UInt8]?
    var value: [UInt8]?
    var headers: [StreamHeader] = []
}

extension StreamReader {
    /// The next records until there are `count`; fewer when none came for ten seconds.
    func take(_ count: Int) throws -> [KeptRecord] {
        var records: [KeptRecord] = []
        while records.count < count {
            let received = try read(waitMilliseconds: 10_000) { record in
                records.append(
                    KeptRecord(
                        assignment: record.assignment, offset: record.offset, timestamp: record.timestampMilliseconds,
                        key: record.key.map { Array($0) }, value: record.value.map { Array($0) },
                        headers: record.headers))
            }
            if received == 0 { break }
        }
        return records
    }
}

extension StreamProducer {
    /// Sends one record made of arrays.
    func send(
        _ topic: String, partition: Int32?, key: [UInt8]? = nil, value: [UInt8]?, headers: [StreamHeader] = [],
        timestamp: Int64? = nil, delivered: (@Sendable (Result<Int64, StreamError>) -> Void)? = nil
    ) throws(StreamError) {
        try borrowing(key) { key throws(StreamError) in
            try borrowing(value) { value throws(StreamError) in
                try send(
                    topic: topic, partition: partition, key: key, value: value, headers: headers,
                    timestampMilliseconds: timestamp, delivered: delivered)
            }
        }
    }
}

private func borrowing(
    _ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) throws(StreamError) -> Void
) throws(StreamError) {
    guard let bytes else { return try body(nil) }
    try bytes.withUnsafeBufferPointer { (buffer) throws(StreamError) in try body(UnsafeRawBufferPointer(buffer)) }
}
