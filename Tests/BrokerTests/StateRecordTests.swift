import Bytes
import Testing

@testable import Broker

/// What people see of the records that the broker keeps for itself.
@Suite struct StateRecordTests {
    private func read(_ topic: String, _ key: [UInt8], _ value: [UInt8]?) -> StateRecord? {
        key.withUnsafeBytes { key in
            guard let value else { return StateRecord(topic: topic, key: key, value: nil) }
            return value.withUnsafeBytes { StateRecord(topic: topic, key: key, value: $0) }
        }
    }

    @Test func committedOffsets() throws {
        let key = OffsetRecord.key(OffsetKey(group: "g", topic: "T", partition: 3))
        let value = OffsetRecord.value(CommittedOffset(offset: 42, metadata: "m", committedMilliseconds: 7))
        let record = try #require(read("__consumer_offsets", key, value))
        #expect(record.kind == "committed_offset")
        #expect(
            record.key == [
                .init("group", .text("g")), .init("topic", .text("T")), .init("partition", .integer(3)),
            ])
        #expect(record.value?.contains(.init("offset", .integer(42))) == true)
        #expect(read("__consumer_offsets", key, nil)?.value == nil)
        #expect(read("other", key, value) == nil)
        for count in 0..<value.count { #expect(read("__consumer_offsets", key, Array(value.prefix(count))) == nil) }
        for count in 0..<key.count { #expect(read("__consumer_offsets", Array(key.prefix(count)), value) == nil) }
    }

    @Test func groups() throws {
        var assignment = ByteWriter(capacity: 32)
        assignment.int16(0)
        assignment.int32(1)
        assignment.shortString("T")
        assignment.int32(2)
        assignment.int32(0)
        assignment.int32(5)
        let member = StoredClassicGroup.Member(
            id: "m", instanceID: nil, clientID: "c", clientHost: "/h", rebalanceTimeoutMilliseconds: 1,
            sessionTimeoutMilliseconds: 2, subscription: [], assignment: assignment.array)
        let group = StoredClassicGroup(
            protocolType: "consumer", generation: 9, protocolName: "range", leader: "m", stateSinceMilliseconds: 1,
            members: [member])
        let record = try #require(read("__consumer_offsets", GroupRecord.key("g"), GroupRecord.value(group)))
        #expect(record.kind == "group" && record.key == [.init("group", .text("g"))])
        #expect(record.value?.contains(.init("generation", .integer(9))) == true)
        guard case .list(let members)? = record.value?.last?.value, case .fields(let fields)? = members.first else {
            Issue.record("no members: \(record)")
            return
        }
        #expect(fields.last == .init("assignment", .list([.text("T-0"), .text("T-5")])))
    }

    @Test func groupsOfTheNewProtocol() throws {
        let topic = UUID(high: 1, low: 2)
        let changes: [(ConsumerGroupChange, String)] = [
            (.group(.init(number: 3, topicsHash: 4)), "consumer_group"), (.targetEpoch(3), "consumer_group_target"),
            (.member("m", .init(topicNames: ["T"])), "consumer_group_member"),
            (.target("m", PartitionAssignment([topic: [0, 1]])), "consumer_group_member_target"),
            (.progress("m", .init(epoch: 3)), "consumer_group_member_progress"),
        ]
        for (change, kind) in changes {
            let (key, value) = ConsumerGroupRecord.record(change, group: "g")
            let record = try #require(read("__consumer_offsets", key, value))
            #expect(record.kind == kind && record.key.first == .init("group", .text("g")) && record.value != nil)
            #expect(read("__consumer_offsets", key, nil)?.value == nil)
        }
    }

    @Test func transactions() throws {
        var transaction = Transaction(
            producer: ProducerIdentity(id: 7, epoch: 1), timeoutMilliseconds: 60_000, state: .prepareCommit,
            partitions: [PartitionName(topic: "T", partition: 2)], updateMilliseconds: 5)
        transaction.startMilliseconds = 4
        let key = TransactionRecord.encode(.transaction("id"))
        let record = try #require(read("__transaction_state", key, TransactionRecord.encode(transaction)))
        #expect(record.kind == "transaction" && record.key == [.init("transactional_id", .text("id"))])
        #expect(record.value?.first == .init("state", .text("PrepareCommit")))
        #expect(record.value?.contains(.init("partitions", .list([.text("T-2")]))) == true)
        let offset = TransactionRecord.encode(.offset("id", OffsetKey(group: "g", topic: "T", partition: 0)))
        let value = OffsetRecord.value(CommittedOffset(offset: 1, committedMilliseconds: 2))
        #expect(read("__transaction_state", offset, value)?.kind == "transaction_offset")
    }

    @Test(arguments: MetadataRecordTests.records)
    func clusterMetadata(_ written: MetadataRecord) throws {
        let record = try #require(read("__cluster_metadata", written.key, written.value))
        #expect((record.value == nil) == written.isRemoval)
        #expect(!record.kind.isEmpty)
    }

    @Test func credentialsKeepTheirSecret() throws {
        let credential = SCRAMCredential(
            user: "anna", mechanism: .sha256, iterations: 4096, salt: [1, 2], saltedPassword: [3, 4])
        let written = MetadataRecord.scram(SCRAMRecord(credential))
        let record = try #require(read("__cluster_metadata", written.key, written.value))
        #expect(record.key.first == .init("user", .text("anna")))
        #expect(record.value == [.init("iterations", .integer(4096))])
    }
}
