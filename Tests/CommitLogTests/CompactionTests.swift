import CommitLog
import Compression
import Glibc
import RecordBatch
import System
import TestSupport
import Testing

/// Compacted partitions keep the newest record of each key, and lose nothing else.
@Suite struct CompactionTests {
    let clock = ManualClock()
    let files: MemoryFileSystem

    init() { files = MemoryFileSystem(clock: clock) }

    static func settings(_ change: (inout PartitionSettings) -> Void = { _ in }) -> PartitionSettings {
        var settings = PartitionSettings()
        settings.segmentBytes = 600
        settings.retentionMilliseconds = -1
        settings.isCompacted = true
        settings.minCleanableRatio = 0.1
        change(&settings)
        return settings
    }

    func open(_ change: (inout LogOptions) -> Void = { _ in }) throws -> CommitLog {
        var options = quiet { $0.indexIntervalBytes = 100 }
        change(&options)
        return try CommitLog(directory: "/d", options: options, fileSystem: files, clock: clock)
    }

    func make(_ log: CommitLog, _ change: (inout PartitionSettings) -> Void = { _ in }) throws -> PartitionLog {
        try log.createPartition(topic: "t", partition: 0, settings: Self.settings(change))
    }

    /// `count` records with values 0, 1, 2..., whose keys go round through `keys`.
    func fill(_ partition: PartitionLog, _ count: Int, keys: Int, codec: CompressionCodec = .none) throws {
        for index in 0..<count {
            try partition.append(bytes: keyedBatch([("k\(index % keys)", "\(index)")], codec: codec))
        }
    }

    @Test(arguments: CompressionCodec.allCases)
    func keepsTheNewestRecordOfEachKey(_ codec: CompressionCodec) throws {
        let log = try open()
        let partition = try make(log)
        for round in 0..<20 {
            let records = (0..<5).map { ("k\($0)", "\(round)") }
            try partition.append(bytes: keyedBatch(records, codec: codec))
        }
        try log.flush()
        let before = partition.sizeBytes
        try log.runMaintenance()
        #expect(partition.sizeBytes < before)
        let found = try partition.contents()
        #expect(found.count < 60)
        var newest: [String: String] = [:]
        for record in found { newest[record.key ?? ""] = record.value }
        #expect(newest == Dictionary(uniqueKeysWithValues: (0..<5).map { ("k\($0)", "19") }))
        // Offsets stay, and an offset that is gone leads to the next one.
        for record in found { #expect(record.value == "\(record.offset / 5)") }
        #expect(partition.startOffset == 0)
        #expect(partition.endOffset == 100)
        #expect(log.compactions.runs == 1)
        #expect(log.compactions.bytesAfter < log.compactions.bytesBefore)
        for offset in Int64(0)..<100 {
            let slice = try partition.read(from: offset, maxBytes: 1, limit: .logEnd, minimumOneBatch: true)
            #expect(slice.baseOffset <= found.first { $0.offset >= offset }?.offset ?? 100)
        }
        #expect(try files.list("/d/topics/t-0").allSatisfy { !$0.hasSuffix(".cleaned") && !$0.hasSuffix(".swap") })
    }

    @Test func theActiveSegmentIsLeftAlone() throws {
        let log = try open()
        let partition = try make(log) { $0.segmentBytes = 1 << 20 }
        try fill(partition, 50, keys: 2)
        try log.flush()
        try log.runMaintenance()
        #expect(try partition.contents().count == 50)
    }

    @Test func whatIsNotDurableReplacesNothing() throws {
        let log = try open()
        let partition = try make(log)
        try fill(partition, 10, keys: 10)
        try log.flush()
        try fill(partition, 100, keys: 10)
        try log.runMaintenance()
        var random = SplitMix(1)
        files.cutPower(.all, &random)
        let again = try #require(try open().partition(topic: "t", partition: 0))
        #expect(try again.contents().map(\.value) == (0..<10).map { "\($0)" })
    }

    @Test func compactionWaitsForTheDirtyRatio() throws {
        let log = try open()
        let partition = try make(log) { $0.minCleanableRatio = 0.9 }
        try fill(partition, 100, keys: 100)
        try log.flush()
        try log.runMaintenance()
        #expect(log.compactions.runs == 1, "all of it is new")
        for index in 0..<20 { try partition.append(bytes: keyedBatch([("k\(index % 2)", "more")])) }
        try log.flush()
        try log.runMaintenance()
        #expect(log.compactions.runs == 1)
        partition.apply(Self.settings { $0.minCleanableRatio = 0.05 })
        try log.runMaintenance()
        #expect(log.compactions.runs == 2)
        try log.runMaintenance()
        #expect(log.compactions.runs == 2, "nothing is new")
    }

    @Test func recordsStayForTheMinimumLagAndNotLongerThanTheMaximum() throws {
        let log = try open()
        let partition = try make(log) { $0.minCompactionLagMilliseconds = 10_000 }
        try fill(partition, 50, keys: 2)
        try log.flush()
        try log.runMaintenance()
        #expect(log.compactions.runs == 0)
        clock.advance(milliseconds: 10_000)
        try log.runMaintenance()
        #expect(log.compactions.runs == 1)
        partition.apply(
            Self.settings {
                $0.minCleanableRatio = 1
                $0.maxCompactionLagMilliseconds = 5000
            })
        try log.runMaintenance()
        #expect(log.compactions.runs == 2, "the active segment was closed by age, and compacted")
        try fill(partition, 3, keys: 1)
        try log.flush()
        try log.runMaintenance()
        #expect(log.compactions.runs == 2)
        clock.advance(milliseconds: 6000)
        try log.runMaintenance()
        #expect(log.compactions.runs == 3)
    }

    @Test func tombstonesStayForTheirTimeAndGo() throws {
        let log = try open()
        let partition = try make(log) { $0.deleteRetentionMilliseconds = 60_000 }
        try partition.append(bytes: keyedBatch([("gone", "value")]))
        try partition.append(bytes: keyedBatch([("gone", nil), ("kept", "value")]))
        try fill(partition, 20, keys: 1)
        try log.flush()
        try log.runMaintenance()
        var found = try partition.contents()
        #expect(found.filter { $0.key == "gone" }.map(\.value) == [nil], "the value is gone, the tombstone is there")
        #expect(found.filter { $0.key == "gone" }.map(\.offset) == [1])
        try fill(partition, 20, keys: 1)
        try log.flush()
        clock.advance(milliseconds: 59_000)
        try log.runMaintenance()
        #expect(try partition.contents().contains { $0.key == "gone" })
        clock.advance(milliseconds: 2000)
        try fill(partition, 20, keys: 1)
        try log.flush()
        try log.runMaintenance()
        found = try partition.contents()
        #expect(!found.contains { $0.key == "gone" })
        #expect(found.filter { $0.key == "kept" }.map(\.offset) == [2])
    }

    @Test func timesAndHeadersOfTheRecordsStay() throws {
        let log = try open()
        let partition = try make(log)
        var builder = RecordBatchBuilder()
        for (index, key) in ["a", "b", "a", "c"].enumerated() {
            try Array(key.utf8).withUnsafeBytes { key in
                try builder.append(
                    key: key, value: key, headers: [RecordHeader(name: "h", value: [UInt8(index)])],
                    timestampMilliseconds: 5000 - Int64(index) * 1000)
            }
        }
        try builder.finish()
        try partition.append(bytes: builder.withBatch { [UInt8]($0) })
        try partition.append(bytes: keyedBatch([("d", nil)]))
        try fill(partition, 20, keys: 1)
        try log.flush()
        try log.runMaintenance()
        let slice = try partition.read(from: 0, maxBytes: 1 << 20, limit: .highWatermark, minimumOneBatch: true)
        var reader = RecordBatchReader()
        var seen: [(Int64, Int64, [RecordHeader])] = []
        _ = try slice.bytes().withUnsafeBytes { bytes in
            try reader.read(bytes, from: 0) { record in
                seen.append((record.offset, record.timestampMilliseconds, record.headers.copied))
                return true
            }
        }
        #expect(seen.prefix(3).map(\.0) == [1, 2, 3])
        #expect(seen.prefix(3).map(\.1) == [4000, 3000, 2000])
        #expect(seen.prefix(3).map(\.2) == (1...3).map { [RecordHeader(name: "h", value: [UInt8($0)])] })
        let tombstone = try #require(seen.first { $0.0 == 4 })
        #expect(tombstone.1 == 1000, "a delete horizon does not change a record's time")
        #expect(try partition.offset(forTimestamp: 3500)?.offset == 1)
    }

    @Test func aSmallKeyTableNeedsSeveralPasses() throws {
        // A table of 1024 slots takes 768 keys.
        let log = try open { $0.compactionKeyBytes = 1 }
        let partition = try make(log) {
            $0.segmentBytes = 4000
            $0.minCleanableRatio = 0
        }
        for round in 0..<3 {
            for first in stride(from: 0, to: 2000, by: 20) {
                let records = (first..<first + 20).map { ("k\($0)", "\(round)") }
                try partition.append(bytes: keyedBatch(records))
            }
        }
        try log.flush()
        var passes = 0
        while passes < 30 {
            try log.runMaintenance()
            if log.compactions.runs == passes { break }
            passes = log.compactions.runs
        }
        #expect(passes > 2)
        var counts: [String: Int] = [:]
        var newest: [String: String] = [:]
        for record in try partition.contents() {
            counts[record.key ?? "", default: 0] += 1
            newest[record.key ?? ""] = record.value
        }
        #expect(newest.count == 2000)
        #expect(newest.values.allSatisfy { $0 == "2" })
        #expect(counts.values.reduce(0, +) < 2500, "what is not in the last segments is there once")
    }

    @Test(arguments: [true, false])
    func producersAreStillKnown(_ keepsSnapshots: Bool) throws {
        var log = try open()
        var partition = try make(log)
        func send(_ sequence: Int32) throws -> AppendResult {
            try partition.append(
                bytes: keyedBatch([("k", "\(sequence)")], producer: TestProducer(id: 7, sequence: sequence)))
        }
        for sequence in 0..<3 { _ = try send(Int32(sequence)) }
        try partition.append(bytes: keyedBatch([("k", "last")]))
        try fill(partition, 40, keys: 1)
        try log.flush()
        try log.runMaintenance()
        #expect(log.compactions.runs == 1)
        #expect(try partition.contents().filter { $0.key == "k" }.map(\.value) == ["last"])
        try log.close()
        files.kill()
        if !keepsSnapshots {
            for name in try files.list("/d/topics/t-0") where name.hasSuffix(".snapshot") {
                try files.remove("/d/topics/t-0/" + name)
            }
        }
        log = try open()
        partition = try #require(log.partition(topic: "t", partition: 0))
        #expect(try send(2).isDuplicate)
        #expect(throws: LogError.outOfOrderSequence(producerID: 7, expected: 3, found: 5)) { try send(5) }
        #expect(try !send(3).isDuplicate)
    }

    /// The process ends, or the power, behind every change that a compaction makes; nothing is lost, and it is finished.
    @Test(arguments: [nil, .torn, .reordered] as [MemoryFileSystem.Loss?])
    func everyInterruptionIsRecovered(_ loss: MemoryFileSystem.Loss?) throws {
        var number = 0
        var wasInterrupted = true
        while wasInterrupted {
            number += 1
            let world = CompactionTests()
            let files = world.files
            let log = try world.open()
            let partition = try make(log)
            try fill(partition, 40, keys: 3)
            try partition.append(bytes: keyedBatch([("last", "value")]))
            try log.flush()
            // Several segments become one: the old ones must not go before the new one has its name.
            partition.apply(Self.settings { $0.segmentBytes = 1500 })
            let first = files.operations + number
            files.fail(first..<first + 10_000, code: EIO)
            try? log.runMaintenance()
            wasInterrupted = files.operations >= first
            files.fail(0..<0, code: EIO)
            var random = SplitMix(UInt64(number))
            if let loss { files.cutPower(loss, &random) } else { files.kill() }
            let again = try world.open()
            let reopened = try #require(again.partition(topic: "t", partition: 0))
            let found = try reopened.contents()
            var newest: [String: String] = [:]
            for record in found { newest[record.key ?? ""] = record.value }
            #expect(newest == ["k0": "39", "k1": "37", "k2": "38", "last": "value"], "change \(number)")
            #expect(reopened.endOffset == 41)
            #expect(again.recovery.messages.filter { $0.contains("missing") } == [], "change \(number)")
            let names = try files.list("/d/topics/t-0")
            #expect(!names.contains { $0.hasSuffix(".cleaned") || $0.hasSuffix(".swap") })
        }
        #expect(number > 8)
    }

    /// A marker that is visible before it is durable must not decide what a compaction removes.
    @Test(arguments: [ControlRecord.Outcome.commit, .abort])
    func aTransactionsEndThatIsLostHasDecidedNothing(_ outcome: ControlRecord.Outcome) throws {
        let log = try open { $0.relaxedDurability = true }
        let partition = try make(log)
        for value in 0..<10 { try partition.append(bytes: keyedBatch([("a", "old \(value)"), ("b", "old \(value)")])) }
        let producer = TestProducer(id: 5, sequence: 0, isTransactional: true)
        try partition.append(bytes: keyedBatch([("a", "new"), ("b", "new")], producer: producer))
        try log.flush()
        try partition.end(5, outcome, .durable)
        #expect(partition.lastStableOffset == partition.endOffset)
        for value in 0..<10 { try partition.append(bytes: keyedBatch([("c", "\(value)")])) }
        let end = partition.endOffset
        try log.runMaintenance()
        #expect(log.compactions.runs == 1)
        var random = SplitMix(1)
        files.cutPower(.all, &random)
        let again = try open()
        let reopened = try #require(again.partition(topic: "t", partition: 0))
        if reopened.endOffset < end - 10 { try reopened.end(5, .abort, .durable) }
        try again.flush()
        var newest: [String: String] = [:]
        for record in try reopened.contents(limit: .lastStable) { newest[record.key ?? ""] = record.value }
        let isCommitted = outcome == .commit && reopened.endOffset >= end - 10
        #expect(newest["a"] == (isCommitted ? "new" : "old 9") && newest["b"] == (isCommitted ? "new" : "old 9"))
    }

    @Test func transactionsAreRespected() throws {
        let log = try open()
        let partition = try make(log) { $0.deleteRetentionMilliseconds = 60_000 }
        func send(_ id: Int64, _ key: String, _ value: String) throws -> Int64 {
            let producer = TestProducer(id: id, sequence: 0, isTransactional: true)
            return try partition.append(bytes: keyedBatch([(key, value)], producer: producer)).baseOffset
        }
        func newest(_ limit: ReadLimit) throws -> [String: String] {
            var newest: [String: String] = [:]
            for record in try partition.contents(limit: limit) { newest[record.key ?? ""] = record.value }
            return newest
        }
        try partition.append(bytes: keyedBatch([("a", "old"), ("b", "old")]))
        _ = try send(1, "a", "aborted")
        try partition.end(1, .abort)
        _ = try send(2, "b", "new")
        try partition.end(2, .commit)
        try fill(partition, 20, keys: 1)
        let open = try send(3, "a", "undecided")
        try fill(partition, 20, keys: 1)
        try log.flush()
        try log.runMaintenance()
        #expect(log.compactions.runs == 1)
        #expect(partition.lastStableOffset == open)
        #expect(try newest(.lastStable).filter { $0.key != "k0" } == ["a": "old", "b": "new"])
        let all = try partition.contents()
        #expect(!all.contains { $0.value == "aborted" || $0.key == "b" && $0.value == "old" })
        #expect(all.filter { $0.offset >= open }.map(\.offset) == Array(open..<partition.endOffset))
        try partition.end(3, .abort)
        for _ in 0..<3 {
            try fill(partition, 20, keys: 1)
            try log.flush()
            clock.advance(milliseconds: 61_000)
            try log.runMaintenance()
        }
        #expect(try newest(.lastStable).filter { $0.key != "k0" } == ["a": "old", "b": "new"])
        files.kill()
        let again = try #require(try self.open().partition(topic: "t", partition: 0))
        #expect(again.lastStableOffset == again.highWatermark, "no transaction was opened again")
        #expect(try again.contents(limit: .lastStable).contains { $0.key == "a" && $0.value == "old" })
        #expect(try !again.contents().contains { $0.value == "undecided" })
        #expect(again.openTransactionCount == 0)
    }

    @Test func readersGoOnInTheFilesThatTheyHold() throws {
        let log = try open()
        let partition = try make(log)
        try fill(partition, 60, keys: 2)
        try log.flush()
        let slice = try partition.read(from: 0, maxBytes: 300, limit: .highWatermark, minimumOneBatch: true)
        let before = try slice.bytes()
        try log.runMaintenance()
        #expect(log.compactions.runs == 1)
        #expect(try slice.bytes() == before)
        #expect(try partition.read(from: 0, maxBytes: 1, limit: .highWatermark, minimumOneBatch: true).count > 0)
    }

    @Test func damageIsNeitherRewrittenNorLost() throws {
        let log = try open()
        let partition = try make(log)
        try fill(partition, 60, keys: 2)
        try log.flush()
        let segments = try files.list("/d/topics/t-0").filter { $0.hasSuffix(".log") }
        let path = "/d/topics/t-0/" + segments[1]
        let before = try files.contents(path)
        files.flip(path, bit: 66 * 8)
        try log.runMaintenance()
        #expect(partition.damage.count == 1)
        try log.runMaintenance()
        #expect(try files.contents(path).count == before.count)
        let found = try partition.contents()
        #expect(found.last?.value == "59")
        #expect(log.compactions.runs == 1, "what lies behind the damage is compacted")
    }
}
