import Broker
import KafkaWire
import TestSupport
import Testing

/// DescribeAcls, CreateAcls and DeleteAcls over a real socket.
@Suite struct AccessServerTests {
    private func withServer<R>(
        _ directory: TemporaryDirectory = TemporaryDirectory(), takesRules: Bool = true,
        _ body: (TestClient) throws -> R
    ) throws -> R {
        try withBroker(directory, { $0.takesAccessRules = takesRules }) { broker in
            try broker.start()
            return try body(try TestClient(broker.addresses[0]))
        }
    }

    private func creation(
        _ name: String, type: Int8 = 2, pattern: Int8 = 3, principal: String = "User:anna", host: String = "*",
        operation: Int8 = 3, permission: Int8 = 3
    ) -> CreateACLsRequest.Creation {
        .init(
            resourceType: type, resourceName: name, patternType: pattern, principal: principal, host: host,
            operation: operation, permissionType: permission)
    }

    private func create(
        _ client: TestClient, _ creations: [CreateACLsRequest.Creation], version: Int16 = 3
    ) throws -> [ErrorCode] {
        try client.call(CreateACLsRequest(creations: creations), version: version, CreateACLsResponse.self).results
            .map(\.errorCode)
    }

    /// A filter for any rule.
    private static let anything = DescribeACLsRequest(resourceType: 1, patternType: 1, operation: 1, permissionType: 1)

    private func describe(
        _ client: TestClient, _ request: DescribeACLsRequest = anything, version: Int16 = 3
    ) throws -> DescribeACLsResponse {
        try client.call(request, version: version, DescribeACLsResponse.self)
    }

    @Test func withoutTheSettingSecurityIsDisabled() throws {
        try withServer(takesRules: false) { client in
            for version in SupportedVersions.of(.describeACLs).decodable {
                #expect(try describe(client, version: version).errorCode == .securityDisabled)
                #expect(
                    try create(client, [creation("a"), creation("b")], version: version) == [
                        .securityDisabled, .securityDisabled,
                    ])
                let deletion = DeleteACLsRequest(filters: [.init(resourceType: 1, operation: 1, permissionType: 1)])
                let answer = try client.call(deletion, version: version, DeleteACLsResponse.self)
                #expect(answer.results.map(\.errorCode) == [.securityDisabled])
            }
        }
    }

    @Test func rulesAreKeptAndFoundAndRemoved() throws {
        let directory = TemporaryDirectory()
        try withServer(directory) { client in
            let rules = [
                creation("T"), creation("T", principal: "User:bob", operation: 4), creation("LARMOR_", pattern: 4),
                creation("kafka-cluster", type: 4, operation: 7, permission: 2),
            ]
            let codes = try create(client, rules)
            #expect(codes == [.none, .none, .none, .none])
            // A rule that is there already is no error.
            let again = try create(client, [creation("T")])
            #expect(again == [.none])
        }
        try withServer(directory) { client in
            let all = try describe(client)
            #expect(all.errorCode == .none && all.resources.map(\.name) == ["LARMOR_", "T", "kafka-cluster"])
            #expect(all.resources.map { $0.rules.count } == [1, 2, 1])
            #expect(all.resources.map(\.patternType) == [4, 3, 3] && all.resources[2].rules[0].permissionType == 2)
            var filter = Self.anything
            (filter.resourceType, filter.resourceName, filter.patternType) = (2, "LARMOR_events", 2)
            #expect(try describe(client, filter).resources.map(\.name) == ["LARMOR_"])
            filter.resourceName = "X"
            #expect(try describe(client, filter).resources.isEmpty)
            let deletion = DeleteACLsRequest(filters: [
                .init(resourceType: 2, patternType: 1, principal: "User:bob", operation: 1, permissionType: 1),
                .init(resourceType: 9, patternType: 1, operation: 1, permissionType: 1),
            ])
            let deleted = try client.call(deletion, version: 3, DeleteACLsResponse.self).results
            #expect(deleted.map(\.errorCode) == [.none, .invalidRequest])
            #expect(deleted[0].matches.map(\.principal) == ["User:bob"] && deleted[0].matches[0].operation == 4)
            #expect(try describe(client).resources.map { $0.rules.count } == [1, 1, 1])
        }
        try withServer(directory) { client in
            let counts = try describe(client).resources.map { $0.rules.count }
            #expect(counts == [1, 1, 1])
        }
    }

    @Test func rulesThatMeanNothingAreRefused() throws {
        try withServer { client in
            let bad = [
                creation("T", type: 1), creation("T", type: 0), creation("T", type: 99), creation(""),
                creation("T", pattern: 1), creation("T", pattern: 2), creation("T", pattern: 9),
                creation("T", operation: 1), creation("T", operation: 0), creation("T", operation: 99),
                creation("T", permission: 1), creation("T", permission: 0), creation("T", principal: "anna"),
                creation("T", principal: ":anna"), creation("T", principal: "User:"), creation("T", host: ""),
                creation("cluster", type: 4),
            ]
            let codes = try create(client, bad + [creation("good")])
            #expect(codes.dropLast().allSatisfy { $0 == .invalidRequest } && codes.last == ErrorCode.none)
            #expect(try describe(client).resources.map(\.name) == ["good"])
            for (type, operation, permission) in [(Int8(0), Int8(1), Int8(1)), (1, 0, 1), (1, 1, 0), (1, 1, 9)] {
                let filter = DescribeACLsRequest(
                    resourceType: type, patternType: 1, operation: operation, permissionType: permission)
                #expect(try describe(client, filter).errorCode == .invalidRequest)
            }
        }
    }
}
