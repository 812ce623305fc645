import Bytes
import TestSupport
import Testing

@testable import Broker

@Suite struct ConsumerGroupRecordTests {
    private static let partitions = PartitionAssignment([UUID(high: 1, low: 2): [0, 5], UUID(high: 3, low: 4): [7]])
    private static let description = ConsumerGroupMember.Description(
        instanceID: "i", rackID: nil, clientID: "c", clientHost: "h", topicNames: ["a", "b"], topicRegex: "x.*",
        rebalanceTimeoutMilliseconds: 5000, assignor: .range)
    private static let progress = ConsumerGroupMember.Progress(
        epoch: 7, previousEpoch: 6, state: .unrevokedPartitions, assigned: partitions,
        pendingRevocation: PartitionAssignment([UUID(high: 1, low: 2): [9]]))

    static let changes: [ConsumerGroupChange] = [
        .group(.init(number: 3, topicsHash: -5)), .group(nil), .targetEpoch(4), .targetEpoch(nil),
        .member("m", description), .member("m", nil), .target("m", partitions), .target("m", nil),
        .progress("m", progress), .progress("m", nil),
    ]

    private func parse(_ key: [UInt8], _ value: [UInt8]?) throws -> (group: String, change: ConsumerGroupChange)? {
        try key.withUnsafeBytes { key in
            guard let value else { return try ConsumerGroupRecord.parse(key: key, value: nil) }
            return try value.withUnsafeBytes { try ConsumerGroupRecord.parse(key: key, value: $0) }
        }
    }

    @Test(arguments: changes)
    func readsWhatItWrote(_ change: ConsumerGroupChange) throws {
        let record = ConsumerGroupRecord.record(change, group: "g")
        let parsed = try #require(try parse(record.key, record.value))
        #expect(parsed.group == "g" && parsed.change == change)
    }

    @Test(arguments: changes)
    func everyTruncationIsAnError(_ change: ConsumerGroupChange) throws {
        let record = ConsumerGroupRecord.record(change, group: "g")
        for count in 0..<record.key.count {
            #expect(throws: DecodeError.self) { try parse(Array(record.key.prefix(count)), record.value) }
        }
        for count in 0..<(record.value?.count ?? 0) {
            #expect(throws: DecodeError.self) { try parse(record.key, Array(record.value!.prefix(count))) }
        }
    }

    @Test func hasKafkasLayout() {
        let group = ConsumerGroupRecord.record(.group(.init(number: 3, topicsHash: 9)), group: "g")
        #expect(group.key == [0, 3, 0, 1, 103])
        #expect(group.value == [0, 0, 0, 0, 0, 3, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 9])
        let target = ConsumerGroupRecord.record(
            .target("m", PartitionAssignment([UUID(high: 0, low: 1): [2]])), group: "g")
        #expect(target.key == [0, 7, 0, 1, 103, 0, 1, 109])
        #expect(target.value == [0, 0, 2] + [UInt8](repeating: 0, count: 15) + [1, 2, 0, 0, 0, 2, 0, 0])
        let member = ConsumerGroupRecord.record(.member("m", .init(topicNames: ["t"])), group: "g")
        #expect(member.key == [0, 5, 0, 1, 103, 0, 1, 109])
        #expect(member.value == [0, 0, 0, 0, 1, 1, 2, 2, 116, 0, 255, 255, 255, 255, 0, 0])
        let progress = ConsumerGroupRecord.record(.progress("m", .init(epoch: 2, previousEpoch: 1)), group: "g")
        #expect(progress.key == [0, 8, 0, 1, 103, 0, 1, 109])
        #expect(progress.value == [0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 1, 1, 0])
    }

    @Test func otherKindsAreLeftAlone() throws {
        for kind: UInt8 in [0, 1, 2, 4, 9, 16] { #expect(try parse([0, kind, 0, 1, 103], nil) == nil) }
    }

    @Test func damagedRecordsNeverCrash() {
        var generator = SplitMix(3)
        for change in Self.changes {
            let record = ConsumerGroupRecord.record(change, group: "g")
            guard let value = record.value else { continue }
            for _ in 0..<300 {
                var damaged = value
                damaged[Int.random(in: 0..<value.count, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
                _ = try? parse(record.key, damaged)
            }
        }
    }
}
