import CommitLog
import Glibc
import RecordBatch
import Synchronization
import System
import TestSupport
import Testing

/// Histories of appends, syncs, faults, kills and power cuts, checked against what was promised.
@Suite struct HistoryTests {
    /// What one partition was told and promised.
    final class Ledger: Sendable {
        struct State {
            /// Values by offset as `append` answered.
            var appended: [Int64: String] = [:]
            /// The batches of transactions and their markers.
            var transactions = TransactionModel()
            /// Everything below was acknowledged as durable.
            var durable: Int64 = 0
            /// First offsets of `.durable` batches that are not acknowledged.
            var waiting: Set<Int64> = []
            var startOffset: Int64 = 0
        }
        let state = Mutex(State())
    }

    /// A log under test with its promises.
    final class World {
        let clock = ManualClock()
        let files: MemoryFileSystem
        var random: SplitMix
        var log: CommitLog?
        var ledgers: [String: Ledger] = [:]
        var serial = 0
        /// What happened, for the message of a failure.
        var story: [String]
        /// Set once a sync failed: the process would have ended.
        let isFatal = Condition(false)

        init(_ seed: UInt64) {
            files = MemoryFileSystem(clock: clock)
            random = SplitMix(seed)
            story = ["seed \(seed)"]
        }

        func open() throws(LogError) {
            isFatal.withLock { $0 = false }
            var options = quiet {
                $0.defaults.segmentBytes = 700
                $0.indexIntervalBytes = 100
            }
            let isFatal = isFatal
            options.onFatal = { _ in isFatal.update { $0 = true } }
            log = try CommitLog(directory: "/data", options: options, fileSystem: files, clock: clock)
        }

        func partition(_ topic: String) throws(LogError) -> PartitionLog {
            if let found = log?.partition(topic: topic, partition: 0) { return found }
            var settings = PartitionSettings()
            settings.segmentBytes = 700
            let made = try log!.createPartition(topic: topic, partition: 0, settings: settings)
            if ledgers[topic] == nil { ledgers[topic] = Ledger() }
            return made
        }

        func append(_ topic: String, _ durability: Durability) throws(LogError) {
            let partition = try partition(topic)
            serial += 1
            let values = (0..<Int.random(in: 1...3, using: &random)).map { "\(topic) \(serial) \($0)" }
            let result = try partition.append(bytes: batch(values), durability)
            note(topic, values, result, durability)
        }

        /// Appends a batch to the transaction of one of three producers, and sends the one before once more.
        func appendInTransaction(_ topic: String, _ durability: Durability) throws(LogError) {
            let partition = try partition(topic)
            guard let ledger = ledgers[topic] else { return }
            let id = Int64.random(in: 1...3, using: &random)
            let (producer, last) = ledger.state.withLock {
                ($0.transactions.next(id), $0.transactions.last(id, from: partition.startOffset))
            }
            if let last {
                let repeated = try partition.append(bytes: batch(last.values, producer: last.producer), durability)
                #expect(repeated == .init(last.offset, last.lastOffset, duplicate: true), "\(story)")
            }
            serial += 1
            let values = (0..<Int.random(in: 1...3, using: &random)).map { "\(topic) \(serial) \($0)" }
            let result = try partition.append(bytes: batch(values, producer: producer), durability)
            ledger.state.withLock { $0.transactions.append(producer, values, at: result.baseOffset) }
            note(topic, values, result, durability)
        }

        /// Ends the transaction of one of three producers, if it has one.
        func endTransaction(_ topic: String, _ durability: Durability) throws(LogError) {
            let partition = try partition(topic)
            guard let ledger = ledgers[topic] else { return }
            let id = Int64.random(in: 1...3, using: &random)
            let outcome: ControlRecord.Outcome = Bool.random(using: &random) ? .commit : .abort
            var epoch = ledger.state.withLock { $0.transactions.next(id).epoch }
            if Bool.random(using: &random) { epoch += 1 }
            let result = try partition.end(id, epoch: epoch, outcome, durability)
            ledger.state.withLock { $0.transactions.end(id, epoch, outcome, at: result.baseOffset) }
            note(topic, [], result, durability)
        }

        private func note(_ topic: String, _ values: [String], _ result: AppendResult, _ durability: Durability) {
            guard let ledger = ledgers[topic], let partition = log?.partition(topic: topic, partition: 0) else {
                return
            }
            ledger.state.withLock { state in
                for (index, value) in values.enumerated() { state.appended[result.baseOffset + Int64(index)] = value }
                if durability == .durable { state.waiting.insert(result.baseOffset) }
            }
            story.append("\(topic) \(durability) \(result.baseOffset)...\(result.lastOffset)")
            guard durability == .durable else { return }
            partition.whenDurable(upTo: result.lastOffset + 1) { outcome in
                guard case .success = outcome else { return }
                ledger.state.withLock { state in
                    state.durable = max(state.durable, result.lastOffset + 1)
                    state.waiting.remove(result.baseOffset)
                }
            }
        }

        /// The high watermark stays below every `.durable` batch that is not acknowledged.
        func checkWatermarks() {
            for (topic, ledger) in ledgers {
                guard let partition = log?.partition(topic: topic, partition: 0) else { continue }
                let limit = ledger.state.withLock { $0.waiting.min() } ?? .max
                #expect(partition.highWatermark <= limit)
                if Int.random(in: 0..<4, using: &random) == 0 { checkCommitted(partition, ledger) }
            }
        }

        /// Readers of committed data see what was committed, and nothing that is open or was aborted.
        func checkCommitted(_ partition: PartitionLog, _ ledger: Ledger) {
            let (transactions, appended) = ledger.state.withLock { ($0.transactions, $0.appended) }
            let stable = max(
                partition.startOffset, transactions.lastStableOffset(highWatermark: partition.highWatermark))
            #expect(partition.lastStableOffset == stable, "\(story)")
            do {
                let found = try partition.records(limit: .lastStable)
                let expected = appended.filter { offset, _ in
                    (partition.startOffset..<stable).contains(offset) && !transactions.wasAborted(offset)
                }
                #expect(Dictionary(uniqueKeysWithValues: found.map { ($0.offset, $0.value) }) == expected, "\(story)")
            } catch LogError.storage {
                // A file could not be opened, as it was told.
            } catch {
                Issue.record("\(error): \(story)")
            }
        }

        /// Damages a transaction index, which is only a hint.
        func damageIndex() throws {
            for topic in ["a", "b"] {
                let directory = "/data/topics/\(topic)-0"
                let names = ((try? files.list(directory)) ?? []).filter { $0.hasSuffix(".txnindex") }.sorted()
                guard let name = names.randomElement(using: &random) else { continue }
                story.append("damage \(name)")
                let file = try files.open(directory + "/" + name, .readWrite)
                switch Int.random(in: 0...2, using: &random) {
                case 0: try files.remove(directory + "/" + name)
                case 1: try file.truncate(to: max(0, file.size() - 10))
                default: try [UInt8](repeating: 7, count: 20).withUnsafeBytes { try file.write($0, at: 8) }
                }
            }
        }

        /// After an end of the process: reopens, and holds the log to its promises.
        ///
        /// - Parameter keepsWritten: whether everything written must be there, and not only what is durable.
        func reopen(keepsWritten: Bool) throws {
            story.append("end, \(keepsWritten)")
            log = nil
            files.fail(0..<0, code: EIO)
            if Int.random(in: 0..<4, using: &random) == 0 { try damageIndex() }
            try open()
            for (topic, ledger) in ledgers {
                let partition = try partition(topic)
                let found = try partition.records()
                ledger.state.withLock { state in
                    let kept = Dictionary(found.map { ($0.offset, $0.value) }) { first, second in
                        Issue.record("an offset twice: \(first), \(second)")
                        return first
                    }
                    let least = keepsWritten ? (state.appended.keys.max() ?? -1) + 1 : state.durable
                    state.transactions.cut(to: partition.endOffset)
                    for offset in partition.startOffset..<max(least, partition.startOffset) {
                        #expect(kept[offset] == state.appended[offset], "\(topic) offset \(offset): \(story)")
                    }
                    for (offset, value) in kept { #expect(state.appended[offset] == value, "phantom at \(offset)") }
                    #expect(partition.startOffset >= state.startOffset)
                    #expect(partition.endOffset >= least)
                    let range = partition.startOffset..<partition.endOffset
                    #expect(found.map(\.offset) == range.filter { !state.transactions.isMarker($0) }, "dense")
                    state.appended = kept
                    state.durable = partition.endOffset
                    state.waiting = []
                }
                checkCommitted(partition, ledger)
            }
        }
    }

    /// One step of a random history; true when the process ended and the log was reopened.
    func step(_ world: World) throws {
        let topic = Bool.random(using: &world.random) ? "a" : "b"
        switch Int.random(in: 0..<20, using: &world.random) {
        case 0...2: try? world.append(topic, .written)
        case 3...5: try? world.append(topic, .durable)
        case 6...8:
            try? world.appendInTransaction(topic, Bool.random(using: &world.random) ? .written : .durable)
        case 9...11: try? world.endTransaction(topic, Bool.random(using: &world.random) ? .written : .durable)
        case 12...13:
            world.story.append("flush")
            try? world.log?.flush()
        case 14:
            world.story.append("maintain")
            world.clock.advance(milliseconds: 6000)
            try? world.log?.runMaintenance()
        case 15:
            guard let partition = world.log?.partition(topic: topic, partition: 0) else { return }
            let offset = Int64.random(in: 0...partition.lastStableOffset, using: &world.random)
            if (try? partition.deleteRecords(before: offset)) != nil {
                world.ledgers[topic]?.state.withLock { $0.startOffset = max($0.startOffset, offset) }
            }
        case 16:
            let first = world.files.operations + Int.random(in: 1...4, using: &world.random)
            let code = Bool.random(using: &world.random) ? EIO : ENOSPC
            world.story.append("fail")
            world.files.fail(first..<first + Int.random(in: 1...3, using: &world.random), code: code)
        case 17:
            let isClosed = (try? world.log?.close()) != nil
            world.files.kill()
            try world.reopen(keepsWritten: true)
            guard isClosed else { return }
            #expect(world.log?.wasCleanStart == true)
            #expect(world.log?.recovery.bytesCut == 0)
        case 18:
            world.files.kill()
            try world.reopen(keepsWritten: true)
        default:
            let loss = MemoryFileSystem.Loss.allCases.randomElement(using: &world.random)!
            world.story.append("power \(loss)")
            world.files.cutPower(loss, &world.random)
            try world.reopen(keepsWritten: false)
        }
        world.checkWatermarks()
    }

    @Test(arguments: 0..<8)
    func promisesHoldInRandomHistories(_ block: UInt64) throws {
        for seed in block * 30..<(block + 1) * 30 {
            let world = World(seed)
            try world.open()
            do {
                for _ in 0..<40 { try step(world) }
                world.files.cutPower(.torn, &world.random)
                try world.reopen(keepsWritten: false)
            } catch {
                Issue.record("\(error): \(world.story) \(world.log?.recovery.messages ?? [])")
            }
        }
    }

    /// Every change of a short history fails once, with either error, alone or with all that follow.
    @Test(arguments: [EIO, ENOSPC], [1, 1000])
    func promisesHoldWhereverAChangeFails(_ code: Int32, _ count: Int) throws {
        var number = 1
        while true {
            let world = World(UInt64(number))
            world.files.fail(number..<number + count, code: code)
            run(world)
            guard world.files.operations >= number else { break }
            world.files.cutPower(.all, &world.random)
            do { try world.reopen(keepsWritten: false) } catch { Issue.record("change \(number): \(error)") }
            number += 1
        }
        #expect(number > 60)
    }

    /// A short history that tries to go on after errors, until a sync fails.
    func run(_ world: World) {
        do { try world.open() } catch { return }
        for round in 0..<8 {
            for topic in ["a", "b"] {
                guard !world.isFatal.withLock({ $0 }) else { return }
                try? world.append(topic, .durable)
                try? world.append(topic, .written)
                try? world.appendInTransaction(topic, .durable)
                world.checkWatermarks()
                try? world.endTransaction(topic, .durable)
                world.checkWatermarks()
            }
            try? world.log?.flush()
            world.checkWatermarks()
            if round == 4 { try? world.log?.runMaintenance() }
        }
        try? world.log?.close()
    }
}
