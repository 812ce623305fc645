import CommitLog
import System
import TestSupport
import Testing

@Suite struct RetentionTests {
    let clock = ManualClock()
    let files: MemoryFileSystem
    let log: CommitLog
    static let hour: Int64 = 3_600_000

    init() throws {
        files = MemoryFileSystem(clock: clock)
        log = try CommitLog(directory: "/d", options: quiet(), fileSystem: files, clock: clock)
    }

    func partition(_ change: (inout PartitionSettings) -> Void) throws -> PartitionLog {
        var settings = PartitionSettings()
        settings.segmentBytes = 400
        change(&settings)
        return try log.createPartition(topic: "t", partition: 0, settings: settings)
    }

    func append(_ partition: PartitionLog, _ count: Int, time: Int64? = nil) throws {
        for index in 0..<count {
            try partition.append(bytes: batch(["\(index)"], timestamps: [time ?? clock.wallMilliseconds]))
        }
    }

    @Test func deletesWhatIsOldInWholeSegments() throws {
        let partition = try partition { $0.retentionMilliseconds = 10 * Self.hour }
        try append(partition, 20)
        clock.advance(milliseconds: 6 * Self.hour)
        try append(partition, 20)
        try log.runMaintenance()
        #expect(partition.startOffset == 0)
        clock.advance(milliseconds: 6 * Self.hour)
        try log.runMaintenance()
        #expect(partition.startOffset > 10)
        #expect(partition.startOffset <= 20)
        #expect(try partition.records().map(\.offset) == Array(partition.startOffset..<40))
        clock.advance(milliseconds: 20 * Self.hour)
        try log.runMaintenance()
        #expect(partition.startOffset == 40)
        #expect(partition.endOffset == 40)
        #expect(partition.segmentCount == 1)
        #expect(try files.list("/d/topics/t-0").filter { $0.hasSuffix(".log") }.count == 1)
        #expect(throws: LogError.offsetOutOfRange(requested: 39, start: 40, end: 40)) {
            try partition.read(from: 39, maxBytes: 1, limit: .logEnd, minimumOneBatch: true)
        }
    }

    @Test func deletesTheOldestWhenThereIsTooMuch() throws {
        let partition = try partition { $0.retentionBytes = 1000 }
        try append(partition, 50)
        try log.runMaintenance()
        #expect(partition.sizeBytes >= 1000)
        #expect(partition.sizeBytes < 1500)
        #expect(try partition.records().map(\.offset) == Array(partition.startOffset..<50))
    }

    @Test func recordsWithOldAndFutureTimestampsAreKeptAsLongAsOthers() throws {
        let partition = try partition { $0.retentionMilliseconds = 10 * Self.hour }
        try append(partition, 20, time: 1000)
        try append(partition, 20, time: clock.wallMilliseconds + 1000 * Self.hour)
        try log.runMaintenance()
        #expect(partition.startOffset == 0)
        clock.advance(milliseconds: 11 * Self.hour)
        try log.runMaintenance()
        #expect(partition.startOffset == 40)
        #expect(partition.endOffset == 40)
    }

    @Test(arguments: [240 * hour, -hour, -240 * hour])
    func aJumpOfTheClockDeletesNothing(_ jump: Int64) throws {
        let partition = try partition { $0.retentionMilliseconds = 24 * Self.hour }
        try append(partition, 20)
        clock.jump(milliseconds: jump)
        for _ in 0..<20 {
            clock.advance(milliseconds: 60_000)
            try log.runMaintenance()
        }
        #expect(partition.startOffset == 0)
        try append(partition, 20)
        try log.runMaintenance()
        #expect(partition.startOffset == 0, "nor what arrives while the clock is wrong")
        #expect(try partition.records().count == 40)
    }

    /// The process ends while the clock is wrong, after records have come that carry the wrong time.
    @Test(arguments: [240 * hour, -240 * hour])
    func aJumpIsDoubtedAlsoAfterARestart(_ jump: Int64) throws {
        let partition = try partition { $0.retentionMilliseconds = 24 * Self.hour }
        try append(partition, 20)
        try log.runMaintenance()
        clock.jump(milliseconds: jump)
        try append(partition, 20)
        try log.runMaintenance()
        var log = log
        for _ in 0..<3 {
            files.kill()
            log = try CommitLog(directory: "/d", options: quiet(), fileSystem: files, clock: clock)
            log.partition(topic: "t", partition: 0)?.apply(partition.settings)
            for _ in 0..<15 {
                clock.advance(milliseconds: 60_000)
                try log.runMaintenance()
            }
            #expect(log.partition(topic: "t", partition: 0)?.startOffset == 0)
        }
        let last = try #require(log.partition(topic: "t", partition: 0))
        // Together the doubt has lasted its hour: a clock that was set right is followed.
        for _ in 0..<25 {
            clock.advance(milliseconds: 60_000)
            try log.runMaintenance()
        }
        #expect((last.startOffset > 0) == (jump > 0))
        #expect(!files.exists("/d/clock-doubt"))
    }

    @Test func damagedDoubtsAreNone() throws {
        try append(try partition { _ in }, 3)
        try log.close()
        files.kill()
        let file = try files.open("/d/clock-doubt", .create)
        try Array("12 13 14 15".utf8).withUnsafeBytes { try file.write($0, at: 0) }
        let again = try CommitLog(directory: "/d", options: quiet(), fileSystem: files, clock: clock)
        #expect(again.retentionMilliseconds == clock.wallMilliseconds)
        try again.runMaintenance()
        #expect(!files.exists("/d/clock-doubt"))
    }

    @Test func segmentsAreClosedByAgeWithoutTraffic() throws {
        let partition = try partition {
            $0.segmentMilliseconds = Self.hour
            $0.segmentBytes = 10_000
        }
        try append(partition, 3)
        try log.runMaintenance()
        #expect(partition.segmentCount == 1)
        clock.jump(milliseconds: 100 * Self.hour)
        try log.runMaintenance()
        #expect(partition.segmentCount == 1, "the wall clock closes nothing")
        clock.jump(milliseconds: -100 * Self.hour)
        clock.advance(milliseconds: Self.hour)
        try log.runMaintenance()
        #expect(partition.segmentCount == 2)
        clock.advance(milliseconds: 2 * Self.hour)
        try log.runMaintenance()
        #expect(partition.segmentCount == 2, "an empty one stays")
    }

    /// The oldest segments of all partitions go until enough is free, but none of those that must not.
    @Test func roomIsMadeWithTheOldestSegments() throws {
        files.kill()
        let log = try CommitLog(
            directory: "/d", options: quiet { $0.retentionFreeBytes = 3000 }, fileSystem: files, clock: clock)
        var settings = PartitionSettings()
        settings.segmentBytes = 400
        settings.retentionMilliseconds = -1
        let old = try log.createPartition(topic: "old", partition: 0, settings: settings)
        let new = try log.createPartition(topic: "new", partition: 0, settings: settings)
        settings.isDeletable = false
        let kept = try log.createPartition(topic: "kept", partition: 0, settings: settings)
        for partition in [kept, old, new] {
            try append(partition, 40)
            clock.advance(milliseconds: 60_000)
        }
        try log.flush()
        let used = [kept, old, new].reduce(0) { $0 + $1.sizeBytes }
        files.setCapacity(used + 5000)
        try log.runMaintenance()
        #expect(old.startOffset == 0)
        files.setCapacity(used + 2800)
        try log.runMaintenance()
        #expect(old.startOffset > 0 && old.startOffset < 40 && new.startOffset == 0 && kept.startOffset == 0)
        #expect(try log.freeSpace().free >= 3000)
        files.setCapacity(2000)
        try log.runMaintenance()
        #expect(old.segmentCount == 1 && new.segmentCount == 1 && kept.startOffset == 0, "as much as may go")
    }

    @Test func recordsBelowAnOffsetCanBeGivenUp() throws {
        let partition = try partition { _ in }
        try append(partition, 30)
        try partition.deleteRecords(before: 17)
        #expect(partition.startOffset == 17)
        #expect(try partition.records().map(\.offset) == Array(17..<30))
        #expect(throws: LogError.offsetOutOfRange(requested: 31, start: 17, end: 30)) {
            try partition.deleteRecords(before: 31)
        }
        files.kill()
        let again = try CommitLog(directory: "/d", options: quiet(), fileSystem: files, clock: clock)
        let reopened = try #require(again.partition(topic: "t", partition: 0))
        #expect(reopened.startOffset == 17)
        try reopened.deleteRecords(before: 30)
        #expect(try reopened.records().isEmpty)
        #expect(try reopened.append(bytes: batch(["x"])).baseOffset == 30)
    }

    @Test func aNewPartitionInheritsNothing() throws {
        let partition = try partition { _ in }
        try append(partition, 30)
        try partition.deleteRecords(before: 17)
        try log.flush()
        try log.runMaintenance()
        try log.deletePartition(topic: "t", partition: 0)
        let made = try log.createPartition(topic: "t", partition: 0, settings: PartitionSettings())
        #expect(made.startOffset == 0)
        files.kill()
        let again = try CommitLog(directory: "/d", options: quiet(), fileSystem: files, clock: clock)
        #expect(again.partition(topic: "t", partition: 0)?.startOffset == 0)
        #expect(again.partition(topic: "t", partition: 0)?.endOffset == 0)
    }

    @Test func aFullDiskRefusesAppendsUntilThereIsRoom() throws {
        files.kill()
        let log = try CommitLog(
            directory: "/d", options: quiet { $0.minimumFreeBytes = 1 << 20 }, fileSystem: files, clock: clock)
        let partition = try log.createPartition(topic: "u", partition: 0, settings: PartitionSettings())
        try append(partition, 1)
        files.setFree(1000)
        clock.advance(milliseconds: 2000)
        #expect(throws: LogError.storageFull(path: "/d", freeBytes: 1000, minimumFreeBytes: 1 << 20)) {
            try append(partition, 1)
        }
        #expect(try partition.records().count == 1)
        files.setFree(1 << 30)
        try append(partition, 1)
        #expect(try partition.records().count == 2)
    }
}
