import CommitLog
import RecordBatch
import System
import TestSupport
import Testing

/// What the checksum of a batch does not cover, its base offset and its leader epoch, is checked against its neighbours;
/// and everything that this process has not written is checked before readers get it.
@Suite struct NeighbourTests {
    let clock = ManualClock()
    let files: MemoryFileSystem
    static let path = "/d/topics/t-0/00000000000000000000.log"

    init() { files = MemoryFileSystem(clock: clock) }

    func open() throws -> CommitLog {
        try CommitLog(
            directory: "/d", options: quiet { $0.indexIntervalBytes = 150 }, fileSystem: files, clock: clock)
    }

    /// Ten batches of one to three records; where each begins in the file, and its offsets.
    func fill(closing: Bool) throws -> [(position: Int, offsets: Range<Int64>)] {
        let log = try open()
        let partition = try log.createPartition(topic: "t", partition: 0, settings: PartitionSettings())
        var batches: [(position: Int, offsets: Range<Int64>)] = []
        for index in 0..<10 {
            let position = Int(partition.sizeBytes)
            let result = try partition.append(bytes: batch((0...index % 3).map { "value \(index) \($0)" }))
            batches.append((position, result.baseOffset..<result.lastOffset + 1))
        }
        try log.flush()
        if closing { try log.close() }
        files.kill()
        return batches
    }

    /// Reads everything that can be read, and what is told to be damaged.
    func readAll() throws -> (offsets: [Int64], damage: [Range<Int64>]) {
        let log = try open()
        let partition = try #require(log.partition(topic: "t", partition: 0))
        #expect(partition.endOffset == 19)
        for record in try partition.contents() {
            #expect(record.value?.isEmpty == false)
        }
        let offsets = try partition.contents().map(\.offset)
        let damage = partition.damage.map { $0.firstOffset..<$0.nextOffset }
        files.kill()
        return (offsets, damage)
    }

    /// Base offsets: each of their bits, in each batch but the last of a log that did not end in order, which nothing
    /// follows; leader epochs: in each batch that another one follows.
    @Test(arguments: [true, false])
    func aWrongBaseOffsetOrEpochCostsItsBatchAndIsReported(_ closing: Bool) throws {
        let batches = try fill(closing: closing)
        let content = try files.contents(Self.path)
        let all = Array(0..<19 as Range<Int64>)
        for (index, batch) in batches.enumerated() {
            let isLast = index == batches.count - 1
            for bit in Array(0..<64) + Array(96..<128) {
                if isLast && (!closing || bit >= 64) { continue }
                let world = NeighbourTests()
                _ = try world.fill(closing: closing)
                world.files.flip(Self.path, bit: batch.position * 8 + bit)
                let found = try world.readAll()
                #expect(found.offsets == all.filter { !batch.offsets.contains($0) }, "batch \(index), bit \(bit)")
                #expect(found.damage == [batch.offsets], "batch \(index), bit \(bit)")
                let directory = try OfflineDirectory("/d", fileSystem: world.files)
                var verifier = LogVerifier()
                let findings = try verifier.verify(directory.partitions[0]).filter(\.isDamage)
                #expect(findings.map(\.offsets) == [batch.offsets], "batch \(index), bit \(bit)")
            }
        }
        #expect(try files.contents(Self.path) == content)
    }

    /// Where offsets are missing by right, no record may appear at a wrong place, whatever bit of an offset is wrong.
    @Test func compactedLogsNeverShowRecordsElsewhere() throws {
        func compacted() throws -> (CompactionTests, [(offset: Int64, key: String?, value: String?)]) {
            let world = CompactionTests()
            let log = try world.open()
            let partition = try world.make(log) { $0.segmentBytes = 3000 }
            for index in 0..<80 {
                let keys = index % 7 == 0 ? ["a\(index)"] : ["k\(index % 5)", "b\(index)", "k\(index % 3)"]
                try partition.append(bytes: keyedBatch(keys.map { ($0, "\(index)") }))
            }
            try log.flush()
            try log.runMaintenance()
            #expect(log.compactions.runs == 1)
            let all = try partition.contents()
            try log.close()
            world.files.kill()
            return (world, all)
        }
        let (world, all) = try compacted()
        let bytes = try world.files.contents(Self.path)
        var position = 0
        var positions: [Int] = []
        bytes.withUnsafeBytes { raw in
            while let header = try? RecordBatchHeader(parsing: UnsafeRawBufferPointer(rebasing: raw[position...])) {
                positions.append(position)
                position += header.totalBytes
                if position >= raw.count { break }
            }
        }
        #expect(positions.count > 10)
        for position in positions {
            for bit in 0..<20 {
                let (world, _) = try compacted()
                world.files.flip(Self.path, bit: position * 8 + 56 - bit / 8 * 8 + bit % 8)
                let log = try world.open()
                let partition = try #require(log.partition(topic: "t", partition: 0))
                var last: Int64 = -1
                for record in try partition.contents() {
                    let isThere = all.contains { $0.offset == record.offset && $0.value == record.value }
                    #expect(isThere, "\(record.offset) at byte \(position), bit \(bit)")
                    #expect(record.offset > last)
                    last = record.offset
                }
            }
        }
    }

    /// After an orderly end nothing is scanned at the start: readers find what has been damaged since.
    @Test func whatADiskDamagedMeanwhileIsNeverGivenOut() throws {
        let batches = try fill(closing: true)
        for (index, batch) in batches.enumerated() {
            let world = NeighbourTests()
            _ = try world.fill(closing: true)
            world.files.flip(Self.path, bit: (batch.position + 65) * 8 + index % 8)
            let found = try world.readAll()
            #expect(found.offsets == Array(0..<19 as Range<Int64>).filter { !batch.offsets.contains($0) })
            #expect(found.damage == [batch.offsets])
        }
    }

    @Test func whatWasReadOnceWithItsChecksumsIsNotReadAgain() throws {
        _ = try fill(closing: true)
        let log = try open()
        let partition = try #require(log.partition(topic: "t", partition: 0))
        func reads(from offset: Int64) throws -> Int {
            let before = files.readOperations
            let slice = try partition.read(from: offset, maxBytes: 1 << 20, limit: .logEnd, minimumOneBatch: true)
            #expect(!slice.isEmpty)
            return files.readOperations - before
        }
        let first = try reads(from: 0)
        let second = try reads(from: 0)
        #expect(second < first)
        // What this process writes is not read at all.
        let end = partition.endOffset
        try partition.append(bytes: batch(["mine"]))
        _ = try partition.records(from: 0)
        try partition.append(bytes: batch(["more"]))
        #expect(try reads(from: end + 1) <= second)
    }

    /// Old segments are read a piece at a time, everything once, and again after a week.
    @Test func oldSegmentsAreScrubbedSlowly() throws {
        func open() throws -> CommitLog {
            try CommitLog(
                directory: "/d", options: quiet { $0.scrubBytesPerSecond = 1000 }, fileSystem: files, clock: clock)
        }
        var settings = PartitionSettings()
        settings.segmentBytes = 2000
        settings.retentionMilliseconds = -1
        var log = try open()
        var partition = try log.createPartition(topic: "t", partition: 0, settings: settings)
        for index in 0..<200 { try partition.append(bytes: batch(["value \(index)"])) }
        try log.close()
        files.kill()
        let segments = try files.list("/d/topics/t-0").filter { $0.hasSuffix(".log") }
        let middle = "/d/topics/t-0/" + segments[segments.count / 2]
        files.flip(middle, bit: 8 * 300)
        log = try open()
        partition = try #require(log.partition(topic: "t", partition: 0))
        partition.apply(settings)
        func scrub(seconds: Int64) throws -> Int64 {
            let before = log.scrubbedBytes
            clock.advance(milliseconds: seconds * 1000)
            try log.runMaintenance()
            return log.scrubbedBytes - before
        }
        #expect(try scrub(seconds: 0) == 0)
        let first = try scrub(seconds: 3)
        #expect((3000..<3400).contains(first))
        #expect(partition.damage.isEmpty)
        var rounds = 0
        while try scrub(seconds: 3) > 0 { rounds += 1 }
        #expect(rounds > 2)
        #expect(partition.damage.count == 1, "found without a reader")
        let active = try files.contents("/d/topics/t-0/" + segments[segments.count - 1]).count
        #expect(abs(log.scrubbedBytes - (partition.sizeBytes - Int64(active))) < 200)
        #expect(try scrub(seconds: 86_400) == 0)
        #expect(try scrub(seconds: 7 * 86_400) > 0, "again after a week")
        #expect(partition.damage.count == 1)
    }
}
