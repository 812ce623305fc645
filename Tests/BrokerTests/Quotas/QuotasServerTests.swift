import Broker
import Bytes
import KafkaWire
import Streams
import System
import TestSupport
import Testing

/// Quotas over a real socket: kept, told, and enforced.
@Suite struct QuotasServerTests {
    private typealias Entity = [(type: String, name: String?)]

    private func withServer<R>(
        _ directory: TemporaryDirectory = TemporaryDirectory(), _ body: (Broker, TestClient) throws -> R
    ) throws -> R {
        try withBroker(directory) { broker in
            try broker.start()
            return try body(broker, try TestClient(broker.addresses[0]))
        }
    }

    private func alter(
        _ client: TestClient, _ entity: Entity, _ changes: [(String, Double?)], validateOnly: Bool = false
    ) throws -> ErrorCode {
        let entry = AlterClientQuotasRequest.Entry(
            entity: entity.map { .init(type: $0.type, name: $0.name) },
            operations: changes.map { .init(key: $0.0, value: $0.1 ?? 0, isRemoval: $0.1 == nil) })
        let request = AlterClientQuotasRequest(entries: [entry], validateOnly: validateOnly)
        let answer = try client.call(request, version: 1, AlterClientQuotasResponse.self).entries[0]
        #expect(answer.entity.map(\.type) == entity.map(\.type))
        return answer.errorCode
    }

    private func describe(
        _ client: TestClient, _ components: [DescribeClientQuotasRequest.Component] = [], version: Int16 = 1
    ) throws -> DescribeClientQuotasResponse {
        try client.call(
            DescribeClientQuotasRequest(components: components), version: version, DescribeClientQuotasResponse.self)
    }

    @Test func quotasAreKept() throws {
        let directory = TemporaryDirectory()
        try withServer(directory) { _, client in
            let code = try alter(
                client, [("user", "anna"), ("client-id", nil)],
                [("producer_byte_rate", 1024), ("request_percentage", 12.5)])
            #expect(code == .none)
            #expect(try alter(client, [("ip", "10.0.0.1")], [("connection_creation_rate", 5)]) == .none)
            #expect(try alter(client, [("user", "bob")], [("consumer_byte_rate", 7)], validateOnly: true) == .none)
        }
        try withServer(directory) { _, client in
            for version in Int16(0)...1 {
                let entries = try #require(try describe(client, version: version).entries)
                #expect(entries.count == 2)
                let anna = try #require(entries.first { $0.entity.count == 2 })
                #expect(anna.entity.map(\.type) == ["user", "client-id"] && anna.entity.map(\.name) == ["anna", nil])
                #expect(anna.values.map(\.key) == ["producer_byte_rate", "request_percentage"])
                #expect(anna.values.map(\.value) == [1024, 12.5])
            }
            let addresses = try describe(client, [.init(entityType: "ip", matchType: 2)]).entries
            #expect(addresses?.map { $0.values.map(\.value) } == [[5]])
            #expect(try alter(client, [("ip", "10.0.0.1")], [("connection_creation_rate", nil)]) == .none)
            #expect(try describe(client).entries?.count == 1)
        }
    }

    @Test func badQuotasAreRefused() throws {
        try withServer { _, client in
            let cases: [(Entity, [(String, Double?)])] = [
                ([], [("producer_byte_rate", 1)]), ([("rack", "a")], [("producer_byte_rate", 1)]),
                ([("user", "")], [("producer_byte_rate", 1)]),
                ([("user", "a"), ("user", "b")], [("producer_byte_rate", 1)]),
                ([("user", "a"), ("ip", "1.1.1.1")], [("producer_byte_rate", 1)]),
                ([("ip", "1.1.1.1")], [("producer_byte_rate", 1)]),
                ([("user", "a")], [("connection_creation_rate", 1)]), ([("user", "a")], [("no_such_quota", 1)]),
                ([("user", "a")], [("producer_byte_rate", 0)]), ([("user", "a")], [("producer_byte_rate", -1)]),
                ([("user", "a")], [("producer_byte_rate", 1.5)]), ([("user", "a")], [("producer_byte_rate", .nan)]),
                ([("user", "a")], [("request_percentage", .infinity)]),
                ([("user", "a")], [("producer_byte_rate", 1), ("producer_byte_rate", 2)]),
            ]
            for (entity, changes) in cases {
                let code = try alter(client, entity, changes)
                #expect(code == .invalidRequest, "\(entity) \(changes)")
            }
            let odd = try describe(client, [.init(entityType: "rack", matchType: 2)])
            #expect(odd.errorCode == .unsupportedVersion && odd.entries == nil)
            #expect(try describe(client).entries?.isEmpty == true)
        }
    }

    @Test func producersBeyondTheirQuotaAreAnsweredAndThenNotRead() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            #expect(try alter(client, [("client-id", "test")], [("producer_byte_rate", 20_000)]) == .none)
            let clock = SystemClock()
            let batch = try batch([String(repeating: "x", count: 206_000)])
            let answer = try batch.withUnsafeBytes { bytes in
                try client.call(
                    ProduceRequest(
                        acks: -1, topics: [.init(name: "T", partitions: [.init(index: 0, records: .view(bytes))])]),
                    version: 9, ProduceResponse.self)
            }
            let answered = clock.monotonicNanoseconds
            #expect(answer.topics[0].partitions[0].errorCode == .none)
            #expect((300...400).contains(answer.throttleMilliseconds))
            // The next request is read when the time is over; on other connections nobody waits.
            let other = try TestClient(broker.addresses[0])
            _ = try other.call(DescribeClusterRequest(), version: 0, DescribeClusterResponse.self)
            _ = try client.call(DescribeClusterRequest(), version: 0, DescribeClusterResponse.self)
            #expect(clock.monotonicNanoseconds - answered >= 250_000_000)
        }
    }

    @Test func consumersGetTheirRecordsAndPayAfterwards() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            let sent = try client.produce(try batch([String(repeating: "x", count: 12_000)]), to: "T")
            #expect(sent?.errorCode == ErrorCode.none)
            #expect(try alter(client, [("user", nil)], [("consumer_byte_rate", 1000)]) == .none)
            try client.send(TestClient.fetch("T", from: 0), version: 11)
            let bytes = try #require(try client.answer(.fetch, version: 11))
            let (throttle, count) = try bytes.withUnsafeBytes { raw in
                var reader = ByteReader(raw)
                let response = try FetchResponse(decoding: &reader, version: 11)
                return (response.throttleMilliseconds, response.topics[0].partitions[0].records.byteCount)
            }
            #expect(count > 12_000 && throttle >= 2000)
        }
    }

    @Test func connectionsBeyondTheQuotaAreRefused() throws {
        try withServer { broker, client in
            #expect(try alter(client, [("ip", "127.0.0.1")], [("connection_creation_rate", 1)]) == .none)
            let clients = try (0..<20).map { _ in try TestClient(broker.addresses[0]) }
            let served = clients.count { other in
                (try? other.call(DescribeClusterRequest(), version: 0, DescribeClusterResponse.self)) != nil
            }
            #expect(served >= 10 && served < 20)
            #expect(try alter(client, [("ip", "127.0.0.1")], [("connection_creation_rate", nil)]) == .none)
            let again = try TestClient(broker.addresses[0])
            _ = try again.call(DescribeClusterRequest(), version: 0, DescribeClusterResponse.self)
        }
    }
}
