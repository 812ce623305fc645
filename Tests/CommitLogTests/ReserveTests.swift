import TestSupport
import Testing

@testable import CommitLog

/// Room on the disk that is set aside for a segment's next batches.
@Suite struct ReserveTests {
    private static let log = "/data/topics/t-0/00000000000000000000.log"
    private let clock = ManualClock()
    private let files: MemoryFileSystem

    init() { files = MemoryFileSystem(clock: clock) }

    private func open() throws -> CommitLog {
        let options = quiet {
            $0.reserveFromBytes = 2000
            $0.minimumFreeBytes = 10_000
        }
        return try CommitLog(directory: "/data", options: options, fileSystem: files, clock: clock)
    }

    /// A log with one partition that has taken batches until room was set aside.
    private func grown(_ log: CommitLog) throws -> PartitionLog {
        let partition = try log.createPartition(topic: "t", partition: 0, settings: PartitionSettings())
        try partition.append(bytes: batch(["small"]))
        #expect(files.room(Self.log) == Int(partition.sizeBytes), "nothing for small ones")
        while partition.sizeBytes < 4000 { try partition.append(bytes: batch([String(repeating: "x", count: 200)])) }
        #expect(files.room(Self.log) > Int(partition.sizeBytes))
        #expect(files.room(Self.log) <= Int(partition.sizeBytes) * 5 / 4)
        return partition
    }

    @Test func closingGivesItBack() throws {
        let log = try open()
        let partition = try grown(log)
        try log.close()
        #expect(files.room(Self.log) == Int(partition.sizeBytes))
    }

    @Test func aClosedSegmentGivesItBack() throws {
        let log = try open()
        let partition = try grown(log)
        let size = Int(partition.sizeBytes)
        var settings = partition.settings
        settings.segmentBytes = size
        partition.apply(settings)
        try partition.append(bytes: batch(["next"]))
        #expect(partition.segmentCount == 2)
        #expect(files.room(Self.log) == size)
    }

    @Test func anIdlePartitionGivesItBackAndTakesItAgain() throws {
        let log = try open()
        let partition = try grown(log)
        try log.runMaintenance()
        #expect(files.room(Self.log) > Int(partition.sizeBytes), "it is in use")
        clock.advance(milliseconds: 10_000)
        try log.runMaintenance()
        #expect(files.room(Self.log) == Int(partition.sizeBytes))
        try partition.append(bytes: batch(["next"]))
        #expect(files.room(Self.log) > Int(partition.sizeBytes))
    }

    @Test func aStartAfterAKillGivesItBack() throws {
        var log: CommitLog? = try open()
        let size = Int(try grown(try #require(log)).sizeBytes)
        files.kill()
        log = nil
        log = try open()
        #expect(files.room(Self.log) == size)
        #expect(log?.partition(topic: "t", partition: 0)?.sizeBytes == Int64(size))
    }

    @Test func noneIsTakenWhereThereIsLittleLeft() throws {
        files.setCapacity(1 << 20)
        let log = try open()
        let partition = try grown(log)
        let size = Int(partition.sizeBytes)
        files.setCapacity(Int64(size + 10_000 + 1500))
        clock.advance(milliseconds: 2000)
        while true {
            do { try partition.append(bytes: batch([String(repeating: "x", count: 200)])) } catch LogError.storageFull {
                break
            }
        }
        #expect(try partition.records().count > 1)
        #expect(files.room(Self.log) == Int(partition.sizeBytes))
    }
}
