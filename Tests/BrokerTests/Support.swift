import Broker
import Observability
import Streams
import System
import TestSupport

extension BrokerOptions {
    /// A broker of tests: loopback, free port.
    static func testing(_ directory: TemporaryDirectory) -> BrokerOptions {
        BrokerOptions(dataDirectory: directory.path, listen: [Endpoint(host: "127.0.0.1", port: 0)])
    }
}

/// Opens a broker, lets `body` use it, and stops it.
func withBroker<R>(
    _ directory: TemporaryDirectory, metrics: Metrics = Metrics(), _ change: (inout BrokerOptions) -> Void = { _ in },
    _ body: (Broker) throws -> R
) throws -> R {
    var options = BrokerOptions.testing(directory)
    change(&options)
    let broker = try Broker(options: options, metrics: metrics)
    defer { broker.stop() }
    return try body(broker)
}

/// One record with its bytes copied.
struct CopiedRecord: Equatable {
    var partition: TopicPartition
    var offset: Int64
    var timestamp: Int64
    var key: String?
    var value: String?
    var headers: [StreamHeader]
}

extension StreamReader {
    /// Reads until `count` records came or five seconds are over.
    func take(_ count: Int) throws -> [CopiedRecord] {
        var records: [CopiedRecord] = []
        let clock = SystemClock()
        let deadline = clock.monotonicNanoseconds + 5_000_000_000
        while records.count < count && clock.monotonicNanoseconds < deadline {
            _ = try read(waitMilliseconds: 200) { record in
                records.append(
                    CopiedRecord(
                        partition: assignments[record.assignment], offset: record.offset,
                        timestamp: record.timestampMilliseconds,
                        key: record.key.map { String(decoding: $0, as: UTF8.self) },
                        value: record.value.map { String(decoding: $0, as: UTF8.self) }, headers: record.headers))
            }
        }
        return records
    }
}

/// Starts a broker on a free port, connects a client and lets `body` use both.
func withServer<R>(
    _ change: (inout BrokerOptions) -> Void = { _ in }, _ body: (Broker, TestClient) throws -> R
) throws -> R {
    let directory = TemporaryDirectory()
    return try withBroker(directory, change) { broker in
        try broker.start()
        return try body(broker, try TestClient(broker.addresses[0]))
    }
}
