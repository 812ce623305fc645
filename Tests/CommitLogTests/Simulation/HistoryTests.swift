import CommitLog
import Glibc
import RecordBatch
import System
import TestSupport
import Testing

/// Thousands of random histories of appends, faults, kills, power cuts, bit rot and clock jumps, held to what was promised.
///
/// `SLUICE_HISTORIES=100000` runs that many, `SLUICE_HISTORY=SEED` repeats one.
@Suite struct HistoryTests {
    /// Histories of an ordinary test run.
    static let countDefault: UInt64 = 800
    /// Histories of one test case; cases run in parallel.
    static let blockCount: UInt64 = 50

    static func environment(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }

    static var blocks: [Range<UInt64>] {
        if let seed = environment("SLUICE_HISTORY") { return [seed..<seed + 1] }
        let count = environment("SLUICE_HISTORIES") ?? countDefault
        return stride(from: 0, to: count, by: Int(blockCount)).map { $0..<min($0 + blockCount, count) }
    }

    @Test(arguments: blocks)
    func promisesHold(_ seeds: Range<UInt64>) {
        for seed in seeds {
            for failure in Self.play(History(seed)) { Issue.record("\(failure)") }
        }
    }

    /// A history on a disk that does not do what it says breaks promises, and that is found out.
    @Test(arguments: MemoryFileSystem.Lie.allCases)
    func aDiskThatLiesIsFoundOut(_ lie: MemoryFileSystem.Lie) {
        let seed = (0..<500 as Range<UInt64>).first { seed in
            let history = History(seed)
            history.files.tell(lie)
            return !Self.play(history).isEmpty
        }
        #expect(seed != nil)
    }

    /// Plays a history to its end; returns the promises that were broken.
    static func play(_ history: History) -> [String] {
        do {
            try history.open()
            for _ in 0..<30 where history.failures.isEmpty { try step(history) }
            history.files.cutPower(.torn, &history.random)
            try history.reopen(keepsWritten: false)
        } catch {
            history.expect(false, "\(error)")
        }
        return history.failures
    }

    static let topics = ["plain", "small", "aged", "cached", "compact", "txn", "compact-txn"]

    /// One step of a random history.
    static func step(_ history: History) throws {
        let topic = topics.randomElement(using: &history.random)!
        switch Int.random(in: 0..<32, using: &history.random) {
        case 0...12: send(history, topic)
        case 13...14:
            history.note("flush")
            try? history.log?.flush()
        case 15...17: maintain(history)
        case 18: deleteRecords(history, topic)
        case 19: deleteTopic(history, topic)
        case 20...21: injectFaults(history)
        case 22: fillDisk(history)
        case 23: jump(history)
        case 24...25: try closeAndReopen(history)
        case 26: try rot(history)
        case 27...28:
            history.files.kill()
            try history.reopen(keepsWritten: true)
        default:
            let loss = MemoryFileSystem.Loss.allCases.randomElement(using: &history.random)!
            history.note("\(loss)")
            history.files.cutPower(loss, &history.random)
            try history.reopen(keepsWritten: false)
        }
        if history.isFatal.withLock({ $0 }) {
            // The process ends by itself after a failed sync, and what it had not synced may never reach the disk.
            history.files.cutPower(.all, &history.random)
            try history.reopen(keepsWritten: false)
        }
        history.checkWatermarks()
    }

    // MARK: - Steps

    private static func send(_ history: History, _ topic: String) {
        let durability: Durability = Bool.random(using: &history.random) ? .written : .durable
        let isTransactional = topic.hasSuffix("txn")
        switch Int.random(in: 0..<6, using: &history.random) {
        case 0...2 where isTransactional: try? history.appendInTransaction(topic, durability)
        case 3...4 where isTransactional: try? history.endTransaction(topic, durability)
        case 0...3: try? history.append(topic, durability)
        default: try? history.sendIdempotently(topic)
        }
    }

    private static func maintain(_ history: History) {
        history.note("maintain")
        history.clock.advance(milliseconds: Int64.random(in: 0...30_000, using: &history.random))
        let before = history.models.mapValues { model in
            (model, history.log?.partition(topic: model.topic, partition: 0)?.startOffset ?? 0)
        }
        try? history.log?.runMaintenance()
        let now = history.clock.monotonicNanoseconds
        for (topic, (model, start)) in before {
            guard let partition = history.log?.partition(topic: topic, partition: 0) else { continue }
            for offset in start..<max(start, partition.startOffset) {
                let age = now - (model.entries[offset]?.arrived ?? 0)
                let isOld = Int64(age / 1_000_000) > PartitionModel.retentionMilliseconds - 61_000
                let isAllowed =
                    topic.hasPrefix("small") || topic.hasPrefix("aged") && (isOld || !history.isClockTrusted)
                history.expect(isAllowed, "\(topic): retention took \(offset) too early")
            }
        }
    }

    private static func deleteRecords(_ history: History, _ topic: String) {
        guard let partition = history.log?.partition(topic: topic, partition: 0), let model = history.models[topic]
        else { return }
        let offset = Int64.random(in: 0...partition.lastStableOffset, using: &history.random)
        guard (try? partition.deleteRecords(before: offset)) != nil else { return }
        history.note("\(topic) deleted below \(offset)")
        model.saw(highWatermark: partition.highWatermark, start: max(model.start, offset))
    }

    private static func deleteTopic(_ history: History, _ topic: String) {
        guard history.models[topic] != nil, let log = history.log else { return }
        history.note("\(topic) deleted")
        let isDeleted = (try? log.deletePartition(topic: topic, partition: 0)) != nil
        if isDeleted { history.deleted.insert(topic) }
        // A deletion that failed may still have happened.
        if log.partition(topic: topic, partition: 0) == nil { history.models[topic] = nil }
    }

    private static func injectFaults(_ history: History) {
        let count = Int.random(in: 1...3, using: &history.random)
        let distance = Int.random(in: 1...5, using: &history.random)
        if Int.random(in: 0..<4, using: &history.random) == 0 {
            let first = history.files.readOperations + distance
            history.note("\(count) reads fail from \(first)")
            history.files.failReads(first..<first + count)
        } else {
            let first = history.files.operations + distance
            let code = Bool.random(using: &history.random) ? EIO : ENOSPC
            history.note("\(count) changes fail from \(first), \(code)")
            history.files.fail(first..<first + count, code: code)
        }
    }

    private static func fillDisk(_ history: History) {
        history.note("disk full")
        history.files.setFree(500)
        history.clock.advance(milliseconds: 1100)
        for topic in topics where history.models[topic] != nil {
            guard let partition = history.log?.partition(topic: topic, partition: 0) else { continue }
            let end = partition.endOffset
            try? history.append(topic, .written)
            history.expect(partition.endOffset == end, "\(topic): appended to a full disk")
        }
        history.files.setFree(1 << 40)
    }

    private static func jump(_ history: History) {
        let hours = [-100_000, -1, 1, 240, 100_000].randomElement(using: &history.random)!
        // No machine has a time before 1970.
        guard history.clock.wallMilliseconds + Int64(hours) * 3_600_000 > 0 else { return }
        history.note("the clock jumps by \(hours) h")
        history.hasJumped = true
        history.clock.jump(milliseconds: Int64(hours) * 3_600_000)
    }

    private static func closeAndReopen(_ history: History) throws {
        history.note("close")
        let isClosed = (try? history.log?.close()) != nil
        history.files.kill()
        try history.reopen(keepsWritten: true)
        guard isClosed, !history.metFaultsAtStart else { return }
        history.expect(history.log?.wasCleanStart == true, "an orderly end is known")
        history.expect(history.log?.recovery.bytesCut == 0, "nothing is cut after an orderly end")
    }

    /// After an orderly end, one bit of a file turns over: it costs the batch that it is in, and nothing else.
    private static func rot(_ history: History) throws {
        let isClosed = (try? history.log?.close()) != nil
        history.log = nil
        history.files.kill()
        guard isClosed else { return try history.reopen(keepsWritten: true) }
        let all = history.files.files(under: History.directory).filter { path in
            !path.hasSuffix("/meta.toml") && !path.hasSuffix("/lock") && !path.hasSuffix(".cut")
        }
        guard let path = all.randomElement(using: &history.random),
            let bytes = try? history.files.contents(path), !bytes.isEmpty
        else { return try history.reopen(keepsWritten: true) }
        guard path.hasSuffix(".log") else {
            let bit = Int.random(in: 0..<bytes.count * 8, using: &history.random)
            history.note("bit \(bit) of \(path) turned over")
            history.files.flip(path, bit: bit)
            if path.hasSuffix("log-start-offsets") {
                // Where the log begins is a promise: the start is refused until the file is right again.
                history.expect((try? history.open()) == nil, "began with a damaged file of start offsets")
                history.files.flip(path, bit: bit)
            }
            return try history.reopen(keepsWritten: true)
        }
        let batches = batches(bytes)
        guard let hit = batches.randomElement(using: &history.random) else {
            return try history.reopen(keepsWritten: true)
        }
        // Base offset and leader epoch lie outside the checksum: they are hit more often than their size would have it.
        let length = Int.random(in: 0..<3, using: &history.random) == 0 ? 16 : hit.header.totalBytes
        let bit = Int.random(
            in: hit.position * 8..<(hit.position + length) * 8, using: &history.random)
        history.note("bit \(bit - hit.position * 8) of batch \(hit.header.baseOffset) in \(path) turned over")
        history.files.flip(path, bit: bit)
        let topic = path.split(separator: "/").dropLast().last.map { String($0.dropLast(2)) } ?? ""
        history.models[topic]?.rotten.formUnion(hit.header.baseOffset...hit.header.lastOffset)
        try history.reopen(keepsWritten: true)
    }

    private static func batches(_ bytes: [UInt8]) -> [(position: Int, header: RecordBatchHeader)] {
        var found: [(position: Int, header: RecordBatchHeader)] = []
        var position = 0
        bytes.withUnsafeBytes { raw in
            while let header = try? RecordBatchHeader(parsing: UnsafeRawBufferPointer(rebasing: raw[position...])),
                header.batchLength > 0, position + header.totalBytes <= raw.count
            {
                found.append((position, header))
                position += header.totalBytes
            }
        }
        return found
    }

    // MARK: - Every failure

    /// Every change of a short history fails once, with either error, alone or with all that follow.
    @Test(arguments: [EIO, ENOSPC], [1, 1000])
    func promisesHoldWhereverAChangeFails(_ code: Int32, _ count: Int) {
        var number = 1
        while true {
            let history = History(UInt64(number))
            history.note("change \(number) and \(count - 1) more fail with \(code)")
            history.files.fail(number..<number + count, code: code)
            Self.run(history)
            guard history.files.operations >= number else { break }
            let losses = MemoryFileSystem.Loss.allCases
            history.files.cutPower(losses[number % losses.count], &history.random)
            Self.finish(history, keepsWritten: false)
            number += 1
        }
        #expect(number > 100)
    }

    /// Every read of a short history fails once: that may refuse something, and costs nothing.
    @Test func promisesHoldWhereverAReadFails() {
        var number = 1
        while true {
            let history = History(UInt64(number))
            history.note("read \(number) fails")
            history.files.failReads(number..<number + 1)
            Self.run(history)
            let isReached = history.files.readOperations >= number
            history.files.failReads(0..<0)
            history.files.kill()
            Self.finish(history, keepsWritten: true)
            guard isReached else { break }
            number += 1
        }
        #expect(number > 20)
    }

    /// A start after a power cut is itself cut off, behind each of its changes.
    @Test func promisesHoldWhereverAStartIsCutOff() {
        var number = 1
        while true {
            let history = History(UInt64(number))
            let losses = MemoryFileSystem.Loss.allCases
            Self.run(history, closes: false)
            history.files.cutPower(losses[number % losses.count], &history.random)
            history.log = nil
            let first = history.files.operations + number
            history.files.fail(first..<Int.max, code: EIO)
            try? history.open()
            history.log = nil
            let isReached = history.files.operations >= first
            history.files.cutPower(losses[number / losses.count % losses.count], &history.random)
            Self.finish(history, keepsWritten: false)
            guard isReached else { break }
            number += 1
        }
        #expect(number > 5)
    }

    private static func finish(_ history: History, keepsWritten: Bool) {
        do { try history.reopen(keepsWritten: keepsWritten) } catch { history.expect(false, "\(error)") }
        for failure in history.failures { Issue.record("\(failure)") }
    }

    /// A short history that tries to go on after errors, until a sync fails.
    private static func run(_ history: History, closes: Bool = true) {
        do { try history.open() } catch { return }
        for round in 0..<5 {
            for topic in ["plain", "compact-txn"] {
                guard !history.isFatal.withLock({ $0 }) else { return }
                try? history.append(topic, .durable)
                try? history.append(topic, .written)
                if topic.hasSuffix("txn") {
                    try? history.appendInTransaction(topic, .durable)
                    history.checkWatermarks()
                    try? history.endTransaction(topic, .durable)
                } else {
                    try? history.sendIdempotently(topic)
                }
                history.checkWatermarks()
            }
            try? history.log?.flush()
            history.checkWatermarks()
            if round == 2 { deleteRecords(history, "plain") }
            if round >= 2 { maintain(history) }
            if round == 3 {
                history.note("reopened")
                if (try? history.log?.close()) == nil { history.files.kill() }
                history.log = nil
                guard (try? history.open()) != nil else { return }
                history.settle()
            }
        }
        if closes { try? history.log?.close() }
    }
}
