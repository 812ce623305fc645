import Broker
import KafkaWire
import TestSupport
import Testing

/// SCRAM credentials over a real socket.
@Suite struct SCRAMServerTests {
    private func withServer<R>(
        _ directory: TemporaryDirectory = TemporaryDirectory(), _ body: (TestClient) throws -> R
    ) throws -> R {
        try withBroker(directory) { broker in
            try broker.start()
            return try body(try TestClient(broker.addresses[0]))
        }
    }

    private func upsertion(
        _ user: String, _ mechanism: Int8 = 1, iterations: Int32 = 8192, salt: [UInt8] = [1, 2, 3],
        hashBytes: Int? = nil
    ) -> AlterUserSCRAMCredentialsRequest.Upsertion {
        .init(
            name: user, mechanism: mechanism, iterations: iterations, salt: salt,
            saltedPassword: [UInt8](repeating: 7, count: hashBytes ?? (mechanism == 2 ? 64 : 32)))
    }

    private func alter(
        _ client: TestClient, _ upsertions: [AlterUserSCRAMCredentialsRequest.Upsertion],
        deleting deletions: [(String, Int8)] = []
    ) throws -> [String: ErrorCode] {
        let request = AlterUserSCRAMCredentialsRequest(
            deletions: deletions.map { .init(name: $0.0, mechanism: $0.1) }, upsertions: upsertions)
        let results = try client.call(request, version: 0, AlterUserSCRAMCredentialsResponse.self).results
        return Dictionary(uniqueKeysWithValues: results.map { ($0.user, $0.errorCode) })
    }

    private func describe(
        _ client: TestClient, _ users: [String]? = nil
    ) throws -> [DescribeUserSCRAMCredentialsResponse.Result] {
        let request = DescribeUserSCRAMCredentialsRequest(users: users.map { $0.map { .init(name: $0) } })
        let answer = try client.call(request, version: 0, DescribeUserSCRAMCredentialsResponse.self)
        #expect(answer.errorCode == .none)
        return answer.results
    }

    @Test func credentialsAreKeptAndTheirSecretsNotTold() throws {
        let directory = TemporaryDirectory()
        try withServer(directory) { client in
            let codes = try alter(client, [upsertion("anna"), upsertion("bob", 2, iterations: 4096)])
            #expect(codes == ["anna": .none, "bob": .none])
            #expect(try alter(client, [upsertion("anna", 2, iterations: 16384)]) == ["anna": .none])
        }
        try withServer(directory) { client in
            let all = try describe(client)
            #expect(all.map(\.user) == ["anna", "bob"])
            #expect(
                all[0].credentials.map(\.mechanism) == [1, 2] && all[0].credentials.map(\.iterations) == [8192, 16384])
            let some = try describe(client, ["bob", "carl", "bob"])
            #expect(some.map(\.user) == ["bob", "carl"])
            #expect(some.map(\.errorCode) == [.duplicateResource, .resourceNotFound])
            #expect(try describe(client, ["bob"])[0].credentials.map(\.iterations) == [4096])
            #expect(try alter(client, [], deleting: [("bob", 2)]) == ["bob": .none])
            #expect(try alter(client, [], deleting: [("bob", 2)]) == ["bob": .resourceNotFound])
            #expect(try describe(client).map(\.user) == ["anna"])
        }
    }

    @Test func badCredentialsAreRefused() throws {
        try withServer { client in
            let cases: [(AlterUserSCRAMCredentialsRequest.Upsertion, ErrorCode)] = [
                (upsertion(""), .unacceptableCredential), (upsertion("a", iterations: 4095), .unacceptableCredential),
                (upsertion("a", iterations: 16385), .unacceptableCredential),
                (upsertion("a", iterations: .min), .unacceptableCredential),
                (upsertion("a", 0), .unsupportedSASLMechanism), (upsertion("a", 3), .unsupportedSASLMechanism),
                (upsertion("a", salt: []), .unacceptableCredential),
                (upsertion("a", salt: [UInt8](repeating: 0, count: 5000)), .unacceptableCredential),
                (upsertion("a", hashBytes: 0), .unacceptableCredential),
                (upsertion("a", 2, hashBytes: 32), .unacceptableCredential),
            ]
            for (upsertion, expected) in cases {
                let codes = try alter(client, [upsertion])
                #expect(codes == [upsertion.name: expected])
            }
            // A user is changed once a request, whatever the mechanisms.
            #expect(try alter(client, [upsertion("a"), upsertion("a", 2)]) == ["a": .duplicateResource])
            #expect(try alter(client, [upsertion("a")], deleting: [("a", 1)]) == ["a": .duplicateResource])
            #expect(try describe(client).isEmpty)
        }
    }

    @Test func theTopicThatHoldsSecretsCannotBeRead() throws {
        try withServer { client in
            #expect(try alter(client, [upsertion("anna")]) == ["anna": .none])
            let fetched = try client.fetch(TestClient.fetch("__cluster_metadata", from: 0))
            #expect(fetched.partition.errorCode == .unknownTopicOrPartition && fetched.values.isEmpty)
            let request = MetadataRequest(topics: [.init(name: "__cluster_metadata")], allowAutoTopicCreation: true)
            let told = try client.call(request, version: 9, MetadataResponse.self)
            #expect(told.topics.map(\.errorCode) == [.unknownTopicOrPartition])
        }
    }
}
