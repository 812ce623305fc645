import CommitLog
import Glibc
import KafkaWire
import Observability
import RecordBatch
import System
import TestSupport
import Testing

@testable import Broker

/// What the disk does to transactions: `__transaction_state` that is written again, ends that fail, power that goes.
@Suite struct TransactionLogTests {
    /// A broker without listeners on a disk in memory.
    final class World {
        let files = MemoryFileSystem(clock: SystemClock())
        private(set) var core: BrokerCore
        /// Whether the broker has said that its disk cannot be trusted any more, and would end.
        var hasFailed: Bool { failure.withLock { $0 } }
        private let failure = Condition(false)
        private var sequence: Int32 = 0

        init() throws {
            core = try Self.open(files, failure)
            try core.catalog.create(.init(name: "t"))
        }

        private static func open(_ files: MemoryFileSystem, _ failure: Condition<Bool>) throws -> BrokerCore {
            var options = BrokerOptions(dataDirectory: "/d", listen: [])
            options.minimumFreeBytes = 0
            options.transactions.rewriteBytesMin = 64 << 10
            options.onFatal = { _ in failure.update { $0 = true } }
            return try BrokerCore(options, metrics: Metrics(), clock: SystemClock(), fileSystem: files.process())
        }

        /// The power goes, and the broker starts again.
        func restart() throws {
            var random = SplitMix(1)
            files.cutPower(.all, &random)
            files.fail(0..<0, code: EIO)
            core.close()
            failure.update { $0 = false }
            core = try Self.open(files, failure)
        }

        var partition: PartitionLog { core.catalog.topic("t")!.partitions[0] }
        private static let data = PartitionName(topic: "t", partition: 0)

        func begin(_ id: String) throws -> ProducerIdentity {
            let outcome = Condition<Result<ProducerIdentity, TransactionRefusal>?>(nil)
            core.transactions.initialize(id, timeoutMilliseconds: 60_000, expected: nil) { result in
                outcome.update { $0 = result }
            }
            return try #require(outcome.wait(milliseconds: 20_000) { $0 }).get()
        }

        func add(_ partitions: Set<PartitionName>, _ id: String, _ identity: ProducerIdentity) throws {
            let outcome = Condition<TransactionRefusal??>(nil)
            core.transactions.add(partitions, to: id, identity) { refusal in outcome.update { $0 = .some(refusal) } }
            let refusal = try #require(outcome.wait(milliseconds: 20_000) { $0 })
            #expect(refusal == nil)
        }

        /// One record of the transaction in the partition.
        func write(_ value: String, _ id: String, _ identity: ProducerIdentity) throws {
            try add([Self.data], id, identity)
            var builder = RecordBatchBuilder()
            try Array(value.utf8).withUnsafeBytes {
                try builder.append(key: nil, value: $0, timestampMilliseconds: 1)
            }
            var options = RecordBatchOptions()
            (options.producerID, options.producerEpoch, options.baseSequence) = (identity.id, identity.epoch, sequence)
            options.isTransactional = true
            try builder.finish(options)
            try builder.withMutableBatch { bytes in
                let header = try RecordBatchHeader(parsing: UnsafeRawBufferPointer(bytes))
                try partition.append(bytes, header: header, durability: .durable)
            }
            sequence += 1
        }

        /// Offsets of `group` as part of the transaction, with long texts.
        func commit(_ offset: Int64, _ count: Int32, _ group: String, _ id: String, _ identity: ProducerIdentity) throws
        {
            try add([TransactionCoordinator.offsetsPartition], id, identity)
            let text = String(repeating: "m", count: 4000)
            let now = SystemClock().wallMilliseconds
            let outcome = Condition<TransactionRefusal??>(nil)
            core.transactions.commit(
                (0..<count).map {
                    (
                        OffsetKey(group: group, topic: "t", partition: $0),
                        CommittedOffset(offset: offset, metadata: text, committedMilliseconds: now)
                    )
                }, to: id, identity, isImplicit: false
            ) { refusal in outcome.update { $0 = .some(refusal) } }
            let refusal = try #require(outcome.wait(milliseconds: 20_000) { $0 })
            #expect(refusal == nil)
        }

        /// Ends the transaction; whether that was acknowledged.
        func end(_ id: String, _ identity: ProducerIdentity) -> Bool {
            let outcome = Condition<Result<ProducerIdentity, TransactionRefusal>?>(nil)
            core.transactions.end(id, identity, isCommit: true, version: 0) { result in outcome.update { $0 = result } }
            if case .success? = outcome.wait(milliseconds: 20_000, until: { $0 }) { return true }
            return false
        }

        func committed(_ group: String) -> Int64? {
            core.offsets.committed(OffsetKey(group: group, topic: "t", partition: 0))?.offset
        }
    }

    @Test func theLogIsWrittenAgainAndSaysTheSame() throws {
        let world = try World()
        let log = world.core.transactions.log.partition
        let (a, b) = (try world.begin("a"), try world.begin("b"))
        try world.commit(7, 3, "kept", "b", b)
        for round in 0..<3 { try world.commit(Int64(round), 10, "many", "a", a) }
        #expect(log.startOffset == 0)
        #expect(world.end("a", a))
        waitUntil { log.startOffset > 0 }
        try world.restart()
        #expect(world.committed("many") == 2 && world.committed("kept") == nil)
        #expect(world.core.transactions.isPending(OffsetKey(group: "kept", topic: "t", partition: 2)))
        #expect(world.end("b", b))
        #expect(world.committed("kept") == 7)
        #expect(world.core.transactions.transaction("a")?.state == .completeCommit)
        world.core.close()
    }

    /// From the first write of an end to the last of the shortening that follows it.
    @Test(arguments: [1, 1000]) func aFailureWhereverItComesLosesNothing(_ count: Int) throws {
        var number = 1
        while true {
            let world = try World()
            let (a, b) = (try world.begin("a"), try world.begin("b"))
            try world.commit(7, 1, "kept", "b", b)
            try world.commit(2, 20, "many", "a", a)
            let before = world.files.operations
            world.files.fail(before + number..<before + number + count, code: EIO)
            let isAnswered = world.end("a", a)
            world.core.transactions.worker.drain()
            let wasReached = world.files.operations >= before + number
            try world.restart()
            if isAnswered { waitUntil { world.committed("many") == 2 } }
            #expect(world.core.transactions.isPending(OffsetKey(group: "kept", topic: "t", partition: 0)))
            #expect(world.end("b", b), "change \(number)")
            #expect(world.committed("kept") == 7)
            world.core.close()
            if !wasReached { break }
            number += 1
        }
        #expect(number > 5)
    }

    /// One change of the disk fails, and the disk is well again: the end comes to the partition all the same, without a
    /// restart where the log can go on.
    @Test func aMarkerThatCouldNotBeWrittenIsTriedAgain() throws {
        var (number, retried) = (1, 0)
        while true {
            let world = try World()
            let identity = try world.begin("a")
            try world.write("one", "a", identity)
            waitUntil { world.partition.highWatermark == 1 }
            let before = world.files.operations
            world.files.fail(before + number..<before + number + 1, code: ENOSPC)
            let isAnswered = world.end("a", identity)
            let wasReached = world.files.operations >= before + number
            let state = { world.core.transactions.transaction("a")?.state }
            let isLeft = isAnswered && state() == .prepareCommit
            waitUntil { state()?.isPrepared != true || world.hasFailed }
            if world.hasFailed { try world.restart() } else if isLeft { retried += 1 }
            if state() == .ongoing { #expect(world.end("a", identity), "change \(number)") }
            waitUntil { state() == .completeCommit }
            waitUntil { world.partition.lastStableOffset == world.partition.endOffset }
            #expect(world.partition.openTransactionCount == 0)
            // A marker that a crash has written twice does no harm: nothing new may begin before it.
            #expect((2...3).contains(world.partition.endOffset), "one record and its marker")
            world.core.close()
            if !wasReached { break }
            number += 1
        }
        #expect(retried > 0, "a failed marker is tried again while the producer goes on")
    }
}
