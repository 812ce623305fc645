import CommitLog
import System
import TestSupport
import Testing

@Suite struct ProducerTests {
    let directory = TemporaryDirectory()

    func make(_ log: CommitLog) throws -> PartitionLog {
        var settings = PartitionSettings()
        settings.segmentBytes = 600
        return try log.createPartition(topic: "t", partition: 0, settings: settings)
    }

    func send(_ partition: PartitionLog, _ sequence: Int32, _ count: Int = 2, epoch: Int16 = 0) throws
        -> AppendResult
    {
        try partition.append(
            bytes: batch(
                (0..<count).map { "\(sequence) \($0)" },
                producer: TestProducer(id: 5, epoch: epoch, sequence: sequence)))
    }

    @Test func repeatedBatchesAreAppendedOnce() throws {
        let partition = try make(try open(directory))
        for index in 0..<8 { #expect(try send(partition, Int32(index * 2)).baseOffset == Int64(index * 2)) }
        for index in 3..<8 {
            #expect(
                try send(partition, Int32(index * 2)) == .init(Int64(index * 2), Int64(index * 2 + 1), duplicate: true))
        }
        // Older than the five, a part of one of them, and a gap.
        for (sequence, count) in [(4, 2), (14, 1), (14, 3), (17, 2)] {
            #expect(
                throws: LogError.outOfOrderSequence(producerID: 5, expected: 16, found: Int32(sequence))
            ) { try send(partition, Int32(sequence), count) }
        }
        #expect(partition.endOffset == 16)
    }

    @Test func epochsOnlyGrow() throws {
        let partition = try make(try open(directory))
        _ = try send(partition, 7, epoch: 3)
        #expect(throws: LogError.invalidProducerEpoch(producerID: 5, current: 3, found: 2)) {
            try send(partition, 9, epoch: 2)
        }
        #expect(throws: LogError.outOfOrderSequence(producerID: 5, expected: 0, found: 9)) {
            try send(partition, 9, epoch: 4)
        }
        _ = try send(partition, 0, epoch: 4)
        _ = try send(partition, 2, epoch: 4)
        #expect(partition.endOffset == 6)
    }

    @Test func sequencesWrap() throws {
        let partition = try make(try open(directory))
        _ = try send(partition, .max - 2, 2)
        _ = try send(partition, .max, 3)
        #expect(try send(partition, .max, 3).isDuplicate)
        #expect(try send(partition, 2, 1).baseOffset == 5)
        #expect(throws: LogError.outOfOrderSequence(producerID: 5, expected: 3, found: 4)) { try send(partition, 4) }
    }

    @Test(arguments: ["closed", "killed", "no snapshot", "damaged snapshot"])
    func repetitionsAreKnownAfterARestart(_ kind: String) throws {
        do {
            let log = try open(directory)
            let partition = try make(log)
            for index in 0..<12 { _ = try send(partition, Int32(index * 2)) }
            if kind != "killed" { try log.close() }
        }
        let files = LocalFileSystem()
        for name in try files.list(topicDirectory(directory)) where name.hasSuffix(".snapshot") {
            let path = topicDirectory(directory) + "/" + name
            if kind == "no snapshot" { try files.remove(path) }
            if kind == "damaged snapshot" { try rewrite(path) { $0[$0.count - 1] ^= 1 } }
        }
        let partition = try #require(try open(directory).partition(topic: "t", partition: 0))
        #expect(partition.producerCount == 1)
        for index in 7..<12 {
            #expect(
                try send(partition, Int32(index * 2)) == .init(Int64(index * 2), Int64(index * 2 + 1), duplicate: true))
        }
        #expect(throws: LogError.outOfOrderSequence(producerID: 5, expected: 24, found: 30)) {
            try send(partition, 30)
        }
        #expect(try send(partition, 24).baseOffset == 24)
    }

    @Test func lostBatchesAreNotKnownAfterAPowerCut() throws {
        let clock = ManualClock()
        let files = MemoryFileSystem(clock: clock)
        var log = try CommitLog(directory: "/d", options: quiet(), fileSystem: files, clock: clock)
        var partition = try make(log)
        _ = try send(partition, 0)
        try log.flush()
        for index in 1..<12 { _ = try send(partition, Int32(index * 2)) }
        var random = SplitMix(1)
        files.cutPower(.all, &random)
        log = try CommitLog(directory: "/d", options: quiet(), fileSystem: files, clock: clock)
        partition = try #require(log.partition(topic: "t", partition: 0))
        #expect(partition.endOffset == 2)
        #expect(try send(partition, 2) == .init(2, 3))
        #expect(try send(partition, 0).isDuplicate)
    }
}
