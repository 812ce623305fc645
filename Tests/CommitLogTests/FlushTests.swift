import Glibc
import Synchronization
import System
import TestSupport
import Testing

@testable import CommitLog

/// What becomes durable and when, and what follows from writes and syncs that fail.
@Suite struct FlushTests {
    let clock = ManualClock()
    let files: MemoryFileSystem

    init() { files = MemoryFileSystem(clock: clock) }

    func open(_ change: (inout LogOptions) -> Void = { _ in }) throws -> CommitLog {
        try CommitLog(directory: "/d", options: quiet(change), fileSystem: files, clock: clock)
    }

    /// The write fails alone, or also the cut behind it, or everything for a while.
    @Test(arguments: [EIO, ENOSPC], [1, 2, 10])
    func aFailedWriteLeavesNothingAndWritingResumes(_ code: Int32, _ failures: Int) throws {
        let log = try open()
        let partition = try log.createPartition(topic: "t", partition: 0, settings: PartitionSettings())
        for value in ["0", "1", "2"] { try partition.append(bytes: batch([value]), .durable) }
        try log.flush()
        files.fail(files.operations + 1..<files.operations + 1 + failures, code: code)
        var refused = 0
        while (try? partition.append(bytes: batch(["3"]), .durable)) == nil {
            refused += 1
            #expect(try partition.values() == ["0", "1", "2"], "reading goes on")
            #expect(partition.endOffset == 3)
            try #require(refused <= failures)
        }
        #expect(refused > 0)
        try log.flush()
        #expect(try partition.values() == ["0", "1", "2", "3"])
        files.kill()
        let again = try open()
        #expect(again.recovery.bytesCut == 0)
        #expect(try again.partition(topic: "t", partition: 0)?.values() == ["0", "1", "2", "3"])
    }

    @Test func aFailedSyncIsToldToEveryoneAndNotTriedAgain() throws {
        let fatal = Mutex(0)
        let log = try open { $0.onFatal = { _ in fatal.withLock { $0 += 1 } } }
        let partition = try log.createPartition(topic: "t", partition: 0, settings: PartitionSettings())
        try partition.append(bytes: batch(["a"]), .durable)
        try log.flush()
        let outcomes = Mutex<[Bool]>([])
        for value in ["b", "c"] {
            let end = try partition.append(bytes: batch([value]), .durable).lastOffset + 1
            partition.whenDurable(upTo: end) { result in
                outcomes.withLock { $0.append((try? result.get()) != nil) }
            }
        }
        files.fail(files.operations + 1..<files.operations + 2, code: EIO)
        #expect(throws: LogError.self) { try log.flush() }
        #expect(outcomes.withLock { $0 } == [false, false])
        #expect(fatal.withLock { $0 } == 1)
        let operations = files.operations
        try? log.flush()
        #expect(files.operations == operations, "the kernel calls the pages clean: a second sync would lie")
        #expect(throws: LogError.self) { try partition.append(bytes: batch(["d"])) }
        partition.whenDurable(upTo: 3) { result in outcomes.withLock { $0.append((try? result.get()) != nil) } }
        #expect(outcomes.withLock { $0 } == [false, false, false])
        #expect(try partition.values() == ["a"], "what was durable can be read")
        #expect(throws: LogError.self) { try log.close() }
        #expect(!files.exists("/d/clean"))
        var random = SplitMix(1)
        files.cutPower(.all, &random)
        #expect(try open().partition(topic: "t", partition: 0)?.values() == ["a"])
    }

    /// The process ends and starts again, the machine goes on: the kernel takes pages for clean that the disk never got.
    @Test func whatAFailedSyncLeftIsWrittenAgain() throws {
        let log = try open()
        let partition = try log.createPartition(topic: "t", partition: 0, settings: PartitionSettings())
        try partition.append(bytes: batch(["a"]), .durable)
        try log.flush()
        try partition.append(bytes: batch(["b"]), .durable)
        files.fail(files.operations + 1..<files.operations + 2, code: EIO)
        #expect(throws: LogError.self) { try log.flush() }
        files.kill()
        let again = try open()
        #expect(try again.partition(topic: "t", partition: 0)?.values() == ["a", "b"])
        #expect(!files.exists("/d/sync-failed"))
        var random = SplitMix(1)
        files.cutPower(.all, &random)
        #expect(try open().partition(topic: "t", partition: 0)?.values() == ["a", "b"], "readers have seen it")
    }

    /// Nobody waits for these batches; they are synced after the time, or when there are many bytes.
    @Test func writtenBatchesAreSyncedByTimeAndBySize() throws {
        func durable(_ flushMilliseconds: Int, _ bytes: Int) throws -> (CommitLog, PartitionLog) {
            let options = quiet {
                $0.startsThreads = true
                $0.flushMilliseconds = flushMilliseconds
            }
            let log = try CommitLog(
                directory: "/d", options: options, fileSystem: MemoryFileSystem(clock: SystemClock()),
                clock: SystemClock())
            let partition = try log.createPartition(topic: "t", partition: 0, settings: PartitionSettings())
            try partition.append(bytes: batch([String(repeating: "x", count: bytes)]), .written)
            return (log, partition)
        }
        let (slow, small) = try durable(3_600_000, 1000)
        #expect(small.highWatermark == 1 && small.durableOffset == 0)
        try small.append(bytes: batch([String(repeating: "x", count: 300 << 10)]), .written)
        while small.durableOffset < 2 { sched_yield() }
        try slow.close()
        let (fast, timed) = try durable(20, 1000)
        while timed.durableOffset < 1 { sched_yield() }
        try fast.close()
    }

    /// What comes while a sync runs is neither covered by it nor seen before what it covers.
    @Test func whatComesDuringASyncWaitsForTheNext() throws {
        let log = try open()
        let partition = try log.createPartition(topic: "t", partition: 0, settings: PartitionSettings())
        try log.flush()
        try partition.append(bytes: batch(["a"]), .durable)
        let durable = Mutex<[String]>([])
        files.duringNextSync {
            do {
                try partition.append(bytes: batch(["b"]), .written)
                try partition.append(bytes: batch(["c"]), .durable)
            } catch { Issue.record("\(error)") }
            partition.whenDurable(upTo: 3) { _ in durable.withLock { $0.append("c") } }
            #expect(partition.highWatermark == 0)
        }
        partition.whenDurable(upTo: 1) { _ in durable.withLock { $0.append("a") } }
        try log.flush()
        #expect(durable.withLock { $0 } == ["a"])
        #expect(partition.highWatermark == 2)
        try log.flush()
        #expect(durable.withLock { $0 } == ["a", "c"])
        #expect(partition.highWatermark == 3)
    }

    /// The sync that comes first goes on until another partition of the round is durable.
    @Test func partitionsOfARoundAreSyncedAtTheSameTime() throws {
        let log = try open()
        let partitions = try (0..<20).map { number in
            try log.createPartition(topic: "t", partition: Int32(number), settings: PartitionSettings())
        }
        try log.flush()
        let crew = FlushCrew()
        for _ in 0..<3 {
            let bytes = batch(["a"])
            let first = try partitions.map { try $0.append(bytes: bytes, .durable).baseOffset }
            let wasAlone = Mutex(true)
            files.duringNextSync {
                let deadline = SystemClock().monotonicNanoseconds + 20_000_000_000
                while SystemClock().monotonicNanoseconds < deadline {
                    if zip(partitions, first).contains(where: { $0.durableOffset > $1 }) {
                        return wasAlone.withLock { $0 = false }
                    }
                    sched_yield()
                }
            }
            #expect(crew.flush(partitions).bytes == partitions.count * bytes.count)
            #expect(!wasAlone.withLock { $0 })
            #expect(zip(partitions, first).allSatisfy { $0.durableOffset == $1 + 1 })
        }
        crew.stop()
    }

    /// One sync covers everything that waits, in however many batches.
    @Test func oneSyncCoversAllThatWait() throws {
        let log = try open()
        let partition = try log.createPartition(topic: "t", partition: 0, settings: PartitionSettings())
        try log.flush()
        let durable = Mutex(0)
        for value in 0..<50 {
            let result = try partition.append(bytes: batch(["\(value)"]), .durable)
            partition.whenDurable(upTo: result.lastOffset + 1) { _ in durable.withLock { $0 += 1 } }
        }
        let operations = files.operations
        try log.flush()
        #expect(files.operations == operations + 1)
        #expect(durable.withLock { $0 } == 50)
    }
}
