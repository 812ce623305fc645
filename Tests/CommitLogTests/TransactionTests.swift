import CommitLog
import RecordBatch
import System
import TestSupport
import Testing

@Suite struct TransactionTests {
    let directory = TemporaryDirectory()

    func make(_ log: CommitLog, segmentBytes: Int = 600) throws -> PartitionLog {
        var settings = PartitionSettings()
        settings.segmentBytes = segmentBytes
        return try log.createPartition(topic: "t", partition: 0, settings: settings)
    }

    func reopened() throws -> PartitionLog {
        try #require(try open(directory).partition(topic: "t", partition: 0))
    }

    @discardableResult
    func send(
        _ partition: PartitionLog, _ id: Int64, _ sequence: Int32, _ value: String, epoch: Int16 = 0,
        _ durability: Durability = .written
    ) throws -> AppendResult {
        let producer = TestProducer(id: id, epoch: epoch, sequence: sequence, isTransactional: true)
        return try partition.append(bytes: batch([value], producer: producer), durability)
    }

    /// Of two markers only the first is durable: the second transaction holds its readers back.
    @Test func aMarkerThatIsNotDurableEndsNothing() throws {
        let clock = ManualClock()
        let files = MemoryFileSystem(clock: clock)
        let log = try CommitLog(directory: "/d", options: quiet(), fileSystem: files, clock: clock)
        let partition = try make(log, segmentBytes: 10_000)
        try send(partition, 1, 0, "one")
        try send(partition, 2, 0, "two")
        try log.flush()
        try partition.end(1, .commit, .durable)
        files.duringNextSync {
            do { try partition.end(2, .commit, .durable) } catch { Issue.record("\(error)") }
        }
        try log.flush()
        #expect(partition.highWatermark == 3)
        #expect(partition.lastStableOffset == 1)
        try log.flush()
        #expect(partition.lastStableOffset == 4)
    }

    @Test func committedReadersWaitForTheMarker() throws {
        let partition = try make(try open(directory))
        try partition.append(bytes: batch(["plain"]))
        try send(partition, 1, 0, "one")
        try partition.append(bytes: batch(["behind"]))
        #expect(partition.lastStableOffset == 1)
        #expect(try partition.values() == ["plain", "one", "behind"])
        #expect(try partition.values(limit: .lastStable) == ["plain"])
        #expect(partition.openTransactionCount == 1)
        let marker = try partition.end(1, .commit)
        #expect(marker.baseOffset == 3)
        #expect(partition.lastStableOffset == 4)
        #expect(try partition.values(limit: .lastStable) == ["plain", "one", "behind"])
        #expect(try partition.abortedTransactions(from: 0, to: 4).isEmpty)
        #expect(partition.openTransactionCount == 0)
    }

    @Test func abortedRecordsAreListed() throws {
        let partition = try make(try open(directory))
        for round in 0..<20 {
            try send(partition, 1, Int32(round), "aborted \(round)")
            try send(partition, 2, Int32(round), "committed \(round)")
            try partition.end(1, .abort)
            try partition.end(2, .commit)
        }
        #expect(partition.segmentCount > 5)
        #expect(try partition.values(limit: .lastStable) == (0..<20).map { "committed \($0)" })
        #expect(try partition.values().count == 40)
        // Only what concerns the range.
        #expect(
            try partition.abortedTransactions(from: 40, to: 44)
                == [AbortedTransaction(producerID: 1, firstOffset: 40)])
        #expect(try partition.abortedTransactions(from: 43, to: 44).isEmpty)
    }

    /// The marker of a long transaction lies several segments behind its data.
    @Test func longTransactionsAreListedWhereTheyBegan() throws {
        let partition = try make(try open(directory))
        try send(partition, 1, 0, "aborted")
        for round in 0..<20 {
            try send(partition, 2, Int32(round), "other \(round)")
            try partition.end(2, .abort)
        }
        #expect(partition.lastStableOffset == 0)
        try partition.end(1, .abort)
        #expect(
            try partition.abortedTransactions(from: 0, to: 1) == [AbortedTransaction(producerID: 1, firstOffset: 0)])
        #expect(try partition.abortedTransactions(from: 0, to: partition.lastStableOffset).count == 21)
        #expect(try partition.values(limit: .lastStable).isEmpty)
    }

    @Test func theMarkerCountsOnceItIsDurable() throws {
        let log = try open(directory)
        let partition = try make(log)
        try send(partition, 1, 0, "one")
        try partition.end(1, .commit, .durable)
        #expect(partition.highWatermark == 1)
        #expect(partition.lastStableOffset == 0)
        try send(partition, 2, 0, "two")
        try log.flush()
        #expect(partition.lastStableOffset == 2)
        #expect(try partition.values(limit: .lastStable) == ["one"])
    }

    @Test(arguments: ["closed", "killed", "no snapshot", "no index", "damaged index"])
    func everythingIsKnownAfterARestart(_ kind: String) throws {
        do {
            let log = try open(directory)
            let partition = try make(log)
            for round in 0..<10 {
                try send(partition, 1, Int32(round), "aborted \(round)")
                try send(partition, 2, Int32(round), "committed \(round)")
                try partition.end(1, .abort, coordinatorEpoch: 3)
                try partition.end(2, .commit)
            }
            try send(partition, 3, 0, "open")
            try partition.append(bytes: batch(["behind"]))
            if kind != "killed" { try log.close() }
        }
        let files = LocalFileSystem()
        for name in try files.list(topicDirectory(directory)) {
            let path = topicDirectory(directory) + "/" + name
            if kind == "no snapshot" && name.hasSuffix(".snapshot") { try files.remove(path) }
            if kind == "no index" && name.hasSuffix(".txnindex") { try files.remove(path) }
            if kind == "damaged index" && name.hasSuffix(".txnindex") { try rewrite(path) { $0[20] ^= 1 } }
        }
        let partition = try reopened()
        #expect(partition.lastStableOffset == 40)
        #expect(partition.openTransactionCount == 1)
        #expect(try partition.values(limit: .lastStable) == (0..<10).map { "committed \($0)" })
        let status = try #require(partition.producerStatuses.first { $0.producerID == 1 })
        #expect(status.coordinatorEpoch == 3 && status.lastSequence == 9 && status.transactionStart == nil)
        #expect(partition.producerStatuses.first { $0.producerID == 3 }?.transactionStart == 40)
        try partition.end(3, .abort)
        #expect(partition.lastStableOffset == 43)
        #expect(try partition.values(limit: .lastStable).last == "behind")
    }

    @Test func markersOfReplacedCoordinatorsAndProducersAreRefused() throws {
        let partition = try make(try open(directory))
        try send(partition, 1, 0, "one", epoch: 4)
        #expect(throws: LogError.invalidProducerEpoch(producerID: 1, current: 4, found: 3)) {
            try partition.end(1, epoch: 3, .commit)
        }
        try partition.end(1, epoch: 5, .abort, coordinatorEpoch: 7)
        #expect(throws: LogError.coordinatorFenced(producerID: 1, current: 7, found: 6)) {
            try partition.end(1, epoch: 5, .commit, coordinatorEpoch: 6)
        }
        // The marker brought a new epoch, which keeps the old producer out and begins at 0.
        #expect(throws: LogError.invalidProducerEpoch(producerID: 1, current: 5, found: 4)) {
            try send(partition, 1, 1, "late", epoch: 4)
        }
        #expect(throws: LogError.outOfOrderSequence(producerID: 1, expected: 0, found: 1)) {
            try send(partition, 1, 1, "gap", epoch: 5)
        }
        #expect(try send(partition, 1, 0, "two", epoch: 5).baseOffset == 2)
    }

    @Test func aTransactionBeginsOnlyWhenItMay() throws {
        let partition = try make(try open(directory))
        var bytes = batch(["one"], producer: TestProducer(id: 1, sequence: 0, isTransactional: true))
        var asked = 0
        func attempt(_ answer: Bool) throws -> AppendResult {
            try bytes.withUnsafeMutableBytes { raw in
                let header = try RecordBatchHeader(parsing: UnsafeRawBufferPointer(raw))
                return try partition.append(raw, header: header, durability: .written) {
                    asked += 1
                    return answer
                }
            }
        }
        #expect(throws: LogError.self) { try attempt(false) }
        #expect(partition.endOffset == 0)
        #expect(try attempt(true).baseOffset == 0)
        // Neither a repetition nor a further batch begins one.
        #expect(try attempt(false).isDuplicate)
        #expect(asked == 2)
        try send(partition, 1, 1, "two")
        #expect(
            throws: LogError.invalidTransactionState(producerID: 1, reason: "sent a batch outside its open transaction")
        ) {
            try partition.append(bytes: batch(["plain"], producer: TestProducer(id: 1, sequence: 2)))
        }
    }

    @Test func deletedRecordsDoNotHideTheRest() throws {
        let partition = try make(try open(directory))
        for round in 0..<10 { try send(partition, 1, Int32(round), "open \(round)") }
        try partition.append(bytes: batch(["plain"]))
        try partition.deleteRecords(before: 5)
        #expect(partition.lastStableOffset == 5)
        #expect(try partition.values(limit: .lastStable).isEmpty)
        try partition.end(1, .commit)
        #expect(try partition.values(limit: .lastStable) == (5..<10).map { "open \($0)" } + ["plain"])
    }

    @Test func silentProducersAreForgottenUnlessTheirTransactionIsOpen() throws {
        let clock = ManualClock()
        let log = try open(directory, clock: clock)
        let partition = try make(log)
        try send(partition, 1, 0, "open")
        try send(partition, 2, 0, "done")
        try partition.end(2, .commit)
        // The records' own timestamps are decades old, which does not count.
        try log.runMaintenance()
        #expect(partition.producerCount == 2)
        for _ in 0..<50 {
            clock.advance(milliseconds: 1_800_000)
            try log.runMaintenance()
        }
        #expect(partition.producerStatuses.map(\.producerID) == [1])
    }

    @Test func timesOfMarkersAreNotFound() throws {
        let partition = try make(try open(directory))
        try send(partition, 1, 0, "one")
        try partition.end(1, .commit)
        #expect(try partition.offsetOfMaxTimestamp().map { [$0.offset, $0.timestamp] } == [0, 1000])
        #expect(try partition.offset(forTimestamp: 1001) == nil)
    }
}
