import CommitLog
import RecordBatch
import System
import TestSupport
import Testing

/// The tools that look at a log's files without changing them.
@Suite struct OfflineTests {
    let directory = TemporaryDirectory()
    var data: String { directory.path + "/data" }

    /// Fills `t-0` with batches of one record in segments of about six, syncs it, and ends in order.
    func fill(_ count: Int) throws {
        let log = try open(directory, quiet { $0.indexIntervalBytes = 100 })
        var settings = PartitionSettings()
        settings.segmentBytes = 500
        let partition = try log.createPartition(topic: "t", partition: 0, settings: settings)
        for index in 0..<count { try partition.append(bytes: batch(["value \(1000 + index)"])) }
        try log.close()
    }

    func verify(_ path: String? = nil, isLive: Bool = false) throws -> (
        findings: [LogFinding], counts: LogVerifier.Counts
    ) {
        var verifier = LogVerifier(isLive: isLive)
        let found = try OfflineDirectory(path ?? data).partitions.flatMap { try verifier.verify($0) }
        return (found, verifier.counts)
    }

    func contents() throws -> [String: [UInt8]] {
        var all: [String: [UInt8]] = [:]
        for folder in [data, topicDirectory(directory)] {
            for name in try LocalFileSystem().list(folder) where name != "topics" {
                all[folder + "/" + name] = try LocalFileSystem().contents(folder + "/" + name)
            }
        }
        return all
    }

    @Test func anIntactLogHasNoFindings() throws {
        try fill(30)
        let before = try contents()
        let (findings, counts) = try verify()
        #expect(findings == [])
        #expect(counts.batches == 30)
        #expect(counts.records == 30)
        let segments = try #require(OfflineDirectory(data).partitions.first?.segments)
        #expect(counts.segments == segments.count)
        #expect(segments.count > 3)
        #expect(try segments.last?.nextOffset() == 30)
        #expect(try contents() == before, "a check changes nothing")
        // The same seen from the partition's own directory, and as Kafka lays it out.
        #expect(try verify(topicDirectory(directory)).counts == counts)
        #expect(try verify(data + "/topics/").counts == counts)
    }

    @Test func damageIsListedWithItsOffsetsAndBytes() throws {
        try fill(30)
        let segment = try #require(OfflineDirectory(data).partitions.first?.segments[1])
        let one = segment.bytes / 6
        try rewrite(segment.path) { $0[Int(one) * 2 + 66] ^= 1 }
        let found = try verify().findings
        let finding = try #require(found.first)
        #expect(found.count == 1)
        #expect(finding.kind == .damaged)
        #expect(finding.isDamage)
        #expect(finding.offsets == segment.baseOffset + 2..<segment.baseOffset + 3)
        #expect(finding.position == one * 2)
        #expect(finding.bytes == one)
        #expect(finding.segment == segment.baseOffset)
    }

    @Test func aTornTailIsNoDamageUnlessItWasSynced() throws {
        try fill(30)
        let last = try #require(OfflineDirectory(data).partitions.first?.segments.last)
        try rewrite(last.path) { $0 += [1, 2, 3] }
        #expect(try verify().findings.map(\.kind) == [.torn])
        #expect(try verify(isLive: true).findings == [])
        try rewrite(last.path) { $0.removeLast(20) }
        // The recovery point of the orderly end says that all of it was on the disk.
        let finding = try #require(verify().findings.first)
        #expect(finding.kind == .damaged)
        #expect(finding.offsets == 29..<30)
    }

    @Test func missingSegmentsWrongIndexesAndLeftoversAreListed() throws {
        try fill(30)
        let segments = try #require(OfflineDirectory(data).partitions.first?.segments)
        try LocalFileSystem().remove(segments[1].path)
        _ = try LocalFileSystem().open(segments[1].path + ".cut", .createNew)
        let index = String(segments[2].path.dropLast(4)) + ".index"
        try rewrite(index) { $0[$0.count - 1] ^= 1 }
        let found = try verify().findings
        #expect(found.map(\.kind) == [.missing, .index, .leftover])
        #expect(found.map(\.isDamage) == [true, false, false])
        #expect(found[0].offsets == segments[1].baseOffset..<segments[2].baseOffset)
    }

    @Test func aRunningBrokerIsNamed() throws {
        try fill(3)
        #expect(try OfflineDirectory(data).holder == nil)
        let log = try open(directory)
        #expect(try OfflineDirectory(data).holder != nil)
        #expect(try OfflineDirectory(topicDirectory(directory)).holder != nil)
        #expect(throws: LogError.self, "the lock is still held") { try open(directory) }
        try log.close()
        #expect(try OfflineDirectory(data).holder == nil)
    }

    @Test func otherPathsAreRefused() throws {
        #expect(throws: LogError.self) { try OfflineDirectory(directory.path + "/nowhere") }
        #expect(throws: LogError.self) { try OfflineSegment(directory.path + "/name.txt") }
        #expect(try OfflineDirectory(directory.path).partitions.isEmpty)
    }

    @Test func aScanGivesBatchesWithTheirBytes() throws {
        try fill(3)
        let segment = try #require(OfflineDirectory(data).partitions.first?.segments.first)
        var scan = try OfflineScan(segment)
        var values: [String] = []
        var reader = StoredBatchReader()
        while let item = try scan.next() {
            guard case .batch(let header, let position) = item else { continue }
            try scan.bytes(header, at: position).withUnsafeBytes { raw in
                try reader.read(raw) { record in
                    values.append(String(decoding: record.value ?? .init(start: nil, count: 0), as: UTF8.self))
                    return true
                }
            }
        }
        #expect(values == ["value 1000", "value 1001", "value 1002"])
    }
}
