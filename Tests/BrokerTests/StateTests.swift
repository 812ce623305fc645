import Bytes
import CommitLog
import Foundation
import Observability
import System
import TestSupport
import Testing

@testable import Broker

@Suite struct MetadataRecordTests {
    static let topic = MetadataRecord.topic(
        MetadataRecord.TopicRecord(
            id: UUID(high: 1, low: 2), name: "LARMOR_events", partitionCount: 3, createdMilliseconds: 99,
            settings: ["retention.ms": "5", "cleanup.policy": "compact"]))

    static let settings = MetadataRecord.settings(
        SettingsRecord(resource: .group("g"), settings: ["consumer.session.timeout.ms": "50000"]))

    static let withValue = [
        topic, .producerIDs(next: 4000), settings,
        .settings(SettingsRecord(resource: .node, settings: ["message.max.bytes": "1"])),
    ]

    static let records =
        withValue + [
            .topicDeleted(UUID(high: 1, low: 2)), .settings(SettingsRecord(resource: .cluster, settings: [:])),
            .settings(SettingsRecord(resource: .group("g"), settings: [:])),
        ]

    @Test(arguments: records)
    func readsWhatItWrote(_ record: MetadataRecord) throws {
        #expect(try Self.parse(record.key, record.value) == record)
    }

    @Test(arguments: withValue)
    func everyTruncationIsAnError(_ record: MetadataRecord) throws {
        let value = try #require(record.value)
        for count in 0..<value.count {
            #expect(throws: DecodeError.self) { try Self.parse(record.key, Array(value.prefix(count))) }
        }
        for count in 0..<record.key.count {
            #expect(throws: DecodeError.self) { try Self.parse(Array(record.key.prefix(count)), value) }
        }
    }

    @Test func newerVersionsAreRefused() throws {
        var key = Self.topic.key
        key[1] = 2
        #expect(throws: DecodeError.self) { try Self.parse(key, Self.topic.value) }
    }

    @Test func onlyRemovalsHaveNoValue() {
        for record in Self.records { #expect((record.value == nil) == record.isRemoval) }
    }

    private static func parse(_ key: [UInt8], _ value: [UInt8]?) throws -> MetadataRecord {
        try key.withUnsafeBytes { key in
            guard let value else { return try MetadataRecord(key: key, value: nil) }
            return try value.withUnsafeBytes { try MetadataRecord(key: key, value: $0) }
        }
    }
}

@Suite struct OffsetRecordTests {
    @Test func hasKafkasLayout() throws {
        let key = OffsetKey(group: "g", topic: "T", partition: 7)
        #expect(OffsetRecord.key(key) == [0, 1, 0, 1, 103, 0, 1, 84, 0, 0, 0, 7])
        let value = CommittedOffset(offset: 5, leaderEpoch: 2, metadata: "m", committedMilliseconds: 9)
        let bytes = OffsetRecord.value(value)
        #expect(bytes == [0, 3, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 2, 0, 1, 109, 0, 0, 0, 0, 0, 0, 0, 9])
        #expect(try OffsetRecord.key(key).withUnsafeBytes { try OffsetRecord.parseKey($0) } == key)
        #expect(try bytes.withUnsafeBytes { try OffsetRecord.parseValue($0) } == value)
        for count in 0..<bytes.count {
            #expect(throws: DecodeError.self) {
                try Array(bytes.prefix(count)).withUnsafeBytes { try OffsetRecord.parseValue($0) }
            }
        }
    }

    @Test func anExpireTimeTakesTheOldLayout() throws {
        let value = CommittedOffset(
            offset: 5, metadata: "m", committedMilliseconds: 9, expiresMilliseconds: 10)
        let bytes = OffsetRecord.value(value)
        #expect(bytes == [0, 1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 1, 109, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 10])
        #expect(try bytes.parsed(OffsetRecord.parseValue) == value)
    }

    @Test func groupStateIsOfAnotherKind() throws {
        #expect(try ([0, 2, 0, 1, 103] as [UInt8]).withUnsafeBytes { try OffsetRecord.parseKey($0) } == nil)
    }
}

@Suite struct BrokerCoreTests {
    private func withCore<R>(_ directory: TemporaryDirectory, _ body: (BrokerCore) throws -> R) throws -> R {
        let core = try BrokerCore(.testing(directory), metrics: Metrics(), clock: SystemClock())
        defer { core.close() }
        return try body(core)
    }

    @Test func topicsKeepTheirIdentity() throws {
        let directory = TemporaryDirectory()
        let id = try withCore(directory) { core in
            try core.catalog.create(.init(name: "T", partitionCount: 2, settings: ["write.caching": "true"]))
            try core.catalog.addPartitions("T", total: 3)
            try core.catalog.configure("T", [("retention.ms", "1000"), ("write.caching", nil)])
            return try #require(core.catalog.topic("T")).id
        }
        try withCore(directory) { core in
            let topic = try #require(core.catalog.topic(id: id))
            #expect(topic.partitions.count == 3)
            #expect(topic.configuration.overrides == ["retention.ms": "1000"])
            #expect(topic.partitions[2].settings.retentionMilliseconds == 1000)
            try core.catalog.delete("T")
            #expect(core.catalog.topic(id: id) == nil)
            try core.catalog.create(.init(name: "T"))
            #expect(core.catalog.topic("T")?.id != id)
        }
    }

    @Test func validatingCreatesNothing() throws {
        let directory = TemporaryDirectory()
        try withCore(directory) { core in
            try core.catalog.create(.init(name: "T"), validateOnly: true)
            #expect(core.catalog.topic("T") == nil)
            #expect(throws: BrokerError.self) { try core.catalog.create(.init(name: "__consumer_offsets")) }
            #expect(throws: BrokerError.self) { try core.catalog.delete("__consumer_offsets") }
        }
    }

    @Test func producerIDsNeverRepeat() throws {
        let directory = TemporaryDirectory()
        var seen: Set<Int64> = []
        for _ in 0..<3 {
            try withCore(directory) { core in
                for _ in 0..<1500 {
                    let id = try core.producerIDs.next()
                    #expect(seen.insert(id).inserted)
                }
            }
        }
    }

    @Test func deletingATopicForgetsItsOffsets() throws {
        let directory = TemporaryDirectory()
        let key = OffsetKey(group: "g", topic: "T", partition: 0)
        try withCore(directory) { core in
            try core.catalog.create(.init(name: "T"))
            try core.offsets.commitAndWait([
                (key, CommittedOffset(offset: 3, committedMilliseconds: SystemClock().wallMilliseconds))
            ])
            #expect(core.offsets.committed(key)?.offset == 3)
            try core.catalog.delete("T")
        }
        try withCore(directory) { core in
            #expect(core.offsets.committed(key) == nil)
            #expect(core.offsets.groups.isEmpty)
        }
    }

    @Test func offsetsOfLongAgoAreForgotten() throws {
        let directory = TemporaryDirectory()
        let old = OffsetKey(group: "old", topic: "T", partition: 0)
        let new = OffsetKey(group: "new", topic: "T", partition: 0)
        let now = SystemClock().wallMilliseconds
        try withCore(directory) { core in
            try core.catalog.create(.init(name: "T"))
            try core.offsets.commitAndWait([
                (
                    old,
                    CommittedOffset(
                        offset: 1, committedMilliseconds: now - GroupOptions().offsetsRetentionMilliseconds - 60_000)
                ),
                (
                    new,
                    CommittedOffset(
                        offset: 2, committedMilliseconds: now - GroupOptions().offsetsRetentionMilliseconds + 60_000)
                ),
            ])
            core.groups.expireOffsets()
        }
        try withCore(directory) { core in
            #expect(core.offsets.committed(old) == nil)
            #expect(core.offsets.committed(new)?.offset == 2)
        }
    }

    @Test func offsetsStayRightWhenTheirLogIsRewritten() throws {
        let directory = TemporaryDirectory()
        let text = String(repeating: "m", count: 4000)
        let now = SystemClock().wallMilliseconds
        let keys = (0..<10).map { OffsetKey(group: "g", topic: "T", partition: Int32($0)) }
        try withCore(directory) { core in
            try core.catalog.create(.init(name: "T", partitionCount: 10))
            for round in 0..<300 {
                try core.offsets.commitAndWait(
                    keys.map {
                        ($0, CommittedOffset(offset: Int64(round), metadata: text, committedMilliseconds: now))
                    })
            }
        }
        try withCore(directory) { core in
            for key in keys { #expect(core.offsets.committed(key)?.offset == 299) }
            let log = try #require(core.catalog.topic(TopicName.consumerOffsets)?.partitions.first)
            #expect(log.startOffset > 0)
            #expect(log.sizeBytes < 12 << 20)
        }
    }

    @Test func secondBrokerIsRefused() throws {
        let directory = TemporaryDirectory()
        try withCore(directory) { _ in
            let error = #expect(throws: BrokerError.self) {
                try BrokerCore(.testing(directory), metrics: Metrics(), clock: SystemClock())
            }
            #expect(error?.kind == .dataDirectoryLocked)
            #expect(error?.message.contains("\(ProcessInfo.processInfo.processIdentifier)") == true)
        }
    }
}
