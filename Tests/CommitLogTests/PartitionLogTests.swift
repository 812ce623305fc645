import CommitLog
import Compression
import RecordBatch
import Synchronization
import System
import TestSupport
import Testing

@Suite struct PartitionLogTests {
    let directory = TemporaryDirectory()

    func small(_ bytes: Int = 500) -> PartitionSettings {
        var settings = PartitionSettings()
        settings.segmentBytes = bytes
        return settings
    }

    @Test func appendsAndReadsBack() throws {
        let log = try open(directory)
        let partition = try log.createPartition(topic: "t", partition: 0, settings: PartitionSettings())
        #expect(try partition.append(bytes: batch(["a", "b"])) == .init(0, 1))
        #expect(try partition.append(bytes: batch(["c"], codec: .zstd)) == .init(2, 2))
        #expect(partition.endOffset == 3)
        #expect(partition.highWatermark == 3)
        #expect(try partition.values() == ["a", "b", "c"])
        #expect(try partition.records(from: 1).map(\.offset) == [1, 2])
        #expect(log.partition(topic: "t", partition: 0) === partition)
        #expect(log.partition(topic: "t", partition: 1) == nil)
    }

    @Test func slicesHoldWholeBatchesAndAtLeastOne() throws {
        let log = try open(directory)
        let partition = try log.createPartition(topic: "t", partition: 0, settings: PartitionSettings())
        let one = batch(["0123456789"])
        for _ in 0..<100 { try partition.append(bytes: one) }
        let room = one.count * 3 + 10
        let slice = try partition.read(from: 7, maxBytes: room, limit: .highWatermark, minimumOneBatch: false)
        #expect(slice.count == one.count * 3)
        #expect(slice.baseOffset == 7)
        #expect(try partition.read(from: 7, maxBytes: 10, limit: .logEnd, minimumOneBatch: false).isEmpty)
        #expect(try partition.read(from: 7, maxBytes: 10, limit: .logEnd, minimumOneBatch: true).count == one.count)
        #expect(try partition.read(from: 100, maxBytes: 10, limit: .logEnd, minimumOneBatch: true).isEmpty)
        for step in 1...5 {
            #expect(try partition.records(maxBytes: one.count * step + step).map(\.offset) == Array(0..<100))
        }
    }

    @Test func offsetsOutsideTheLogAreRefused() throws {
        let log = try open(directory)
        let partition = try log.createPartition(topic: "t", partition: 0, settings: PartitionSettings())
        try partition.append(bytes: batch(["a", "b", "c"]))
        for offset: Int64 in [-1, 4, .max, .min] {
            #expect(throws: LogError.offsetOutOfRange(requested: offset, start: 0, end: 3)) {
                try partition.read(from: offset, maxBytes: 10, limit: .highWatermark, minimumOneBatch: true)
            }
        }
    }

    @Test func durableBatchesAreHiddenUntilTheSync() throws {
        let log = try open(directory)
        let partition = try log.createPartition(topic: "t", partition: 0, settings: PartitionSettings())
        let durable = Mutex<[String]>([])
        func wait(_ name: String, _ offset: Int64) {
            partition.whenDurable(upTo: offset) { result in
                durable.withLock { $0.append(name + ((try? result.get()) == nil ? " failed" : "")) }
            }
        }
        try partition.append(bytes: batch(["a"]), .written)
        #expect(partition.highWatermark == 1)
        try partition.append(bytes: batch(["b"]), .durable)
        wait("b", 2)
        try partition.append(bytes: batch(["c"]), .written)
        #expect(partition.highWatermark == 1)
        #expect(try partition.values() == ["a"])
        #expect(try partition.values(limit: .logEnd) == ["a", "b", "c"])
        #expect(durable.withLock { $0 } == [])
        try log.flush()
        #expect(partition.highWatermark == 3)
        #expect(durable.withLock { $0 } == ["b"])
        wait("again", 3)
        #expect(durable.withLock { $0 } == ["b", "again"])
        #expect(try partition.values() == ["a", "b", "c"])
    }

    @Test func writeCachingTreatsDurableAsWritten() throws {
        let log = try open(directory)
        var settings = PartitionSettings()
        settings.writeCaching = true
        let partition = try log.createPartition(topic: "t", partition: 0, settings: settings)
        try partition.append(bytes: batch(["a"]), .durable)
        #expect(partition.highWatermark == 1)
        let called = Mutex(false)
        partition.whenDurable(upTo: 1) { _ in called.withLock { $0 = true } }
        #expect(called.withLock { $0 })
    }

    @Test func rollsIntoSegmentsAndReadsAcrossThem() throws {
        let log = try open(directory)
        let partition = try log.createPartition(topic: "t", partition: 0, settings: small())
        for index in 0..<50 { try partition.append(bytes: batch(["\(index)", "\(index)x"])) }
        #expect(partition.segmentCount > 5)
        #expect(try partition.records().map(\.offset) == Array(0..<100))
        #expect(try partition.records(from: 37, maxBytes: 1).map(\.offset) == Array(37..<100))
        #expect(try partition.records(from: 37, maxBytes: 1).first?.value == "18x")
    }

    @Test func rollsByAge() throws {
        let clock = ManualClock()
        let log = try open(directory, clock: clock)
        let partition = try log.createPartition(topic: "t", partition: 0, settings: PartitionSettings())
        try partition.append(bytes: batch(["a"]))
        clock.jump(milliseconds: 30 * 86_400_000)
        try partition.append(bytes: batch(["b"]))
        #expect(partition.segmentCount == 1)
        clock.advance(milliseconds: 8 * 86_400_000)
        try partition.append(bytes: batch(["c"]))
        #expect(partition.segmentCount == 2)
        #expect(try partition.values() == ["a", "b", "c"])
    }

    @Test func observersHearOfNewRecordsAndOfTheEnd() throws {
        let log = try open(directory)
        let partition = try log.createPartition(topic: "t", partition: 0, settings: PartitionSettings())
        let calls = Mutex(0)
        let token = partition.observe { calls.withLock { $0 += 1 } }
        try partition.append(bytes: batch(["a"]))
        #expect(calls.withLock { $0 } == 1)
        try partition.append(bytes: batch(["b"]), .durable)
        #expect(calls.withLock { $0 } == 1)
        try log.flush()
        #expect(calls.withLock { $0 } == 2)
        partition.removeObserver(token)
        try partition.append(bytes: batch(["c"]))
        #expect(calls.withLock { $0 } == 2)
        _ = partition.observe { calls.withLock { $0 += 10 } }
        try log.deletePartition(topic: "t", partition: 0)
        #expect(calls.withLock { $0 } == 12)
    }

    @Test func deletionKeepsOpenSlicesReadable() throws {
        let log = try open(directory)
        let partition = try log.createPartition(topic: "t", partition: 0, settings: PartitionSettings())
        try partition.append(bytes: batch(["a"]))
        let slice = try partition.read(from: 0, maxBytes: 1000, limit: .logEnd, minimumOneBatch: true)
        try log.deletePartition(topic: "t", partition: 0)
        #expect(try slice.bytes().count == slice.count)
        #expect(throws: LogError.deleted("t-0")) { try partition.append(bytes: batch(["b"])) }
        #expect(throws: LogError.deleted("t-0")) { try log.deletePartition(topic: "t", partition: 0) }
        #expect(try LocalFileSystem().list(directory.path + "/data/topics") == [])
        let again = try log.createPartition(topic: "t", partition: 0, settings: PartitionSettings())
        #expect(try again.append(bytes: batch(["new"])).baseOffset == 0)
    }

    @Test(arguments: ["", ".", "..", "a/b", "a b", "ü", String(repeating: "x", count: 250)])
    func badNamesAreRefused(_ name: String) throws {
        let log = try open(directory)
        #expect(throws: LogError.self) {
            try log.createPartition(topic: name, partition: 0, settings: PartitionSettings())
        }
        #expect(throws: LogError.self) { try log.createPartition(topic: "t", partition: -1, settings: .init()) }
        #expect(log.partitions.isEmpty)
    }

    @Test func threadsAppendAndReadTogether() throws {
        let log = try open(directory, quiet { $0.startsThreads = true })
        let partition = try log.createPartition(topic: "t", partition: 0, settings: small(4000))
        let durable = Condition(0)
        let writers = (0..<4).map { writer in
            Thread("writer") {
                for index in 0..<100 {
                    let result = try! partition.append(
                        bytes: batch(["\(writer) \(index)"]), index % 2 == 0 ? .durable : .written)
                    partition.whenDurable(upTo: result.lastOffset + 1) { _ in durable.update { $0 += 1 } }
                }
            }
        }
        let failures = Condition(0)
        let readers = (0..<2).map { _ in
            Thread("reader") {
                var seen: Int64 = 0
                while seen < 400 {
                    guard let records = try? partition.records(from: seen, maxBytes: 300) else {
                        failures.withLock { $0 += 1 }
                        return
                    }
                    for record in records {
                        if record.offset != seen { failures.withLock { $0 += 1 } }
                        seen += 1
                    }
                }
            }
        }
        for thread in writers + readers { thread.join() }
        #expect(durable.wait(milliseconds: 20_000) { $0 == 400 ? true : nil } == true)
        #expect(failures.withLock { $0 } == 0)
        let values = try partition.values()
        for writer in 0..<4 {
            #expect(values.filter { $0.hasPrefix("\(writer) ") } == (0..<100).map { "\(writer) \($0)" })
        }
        try log.close()
    }
}

extension AppendResult {
    init(_ first: Int64, _ last: Int64, timestamp: Int64 = 1000, duplicate: Bool = false) {
        self.init(baseOffset: first, lastOffset: last, timestamp: timestamp, isDuplicate: duplicate)
    }
}
