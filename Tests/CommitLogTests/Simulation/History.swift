import CommitLog
import Compression
import Glibc
import RecordBatch
import Synchronization
import System
import TestSupport
import Testing

/// One seeded history: a log under test, the clients that use it, the faults that befall it, and what was promised.
///
/// A process that ended is played by `reopen`, which then holds the log to its promises.
final class History {
    static let directory = "/data"

    let seed: UInt64
    let clock = ManualClock()
    let files: MemoryFileSystem
    var random: SplitMix
    var log: CommitLog?
    /// The partitions that clients use, by topic.
    var models: [String: PartitionModel] = [:]
    /// Names of topics that were deleted, whose partitions must not come back.
    var deleted: Set<String> = []
    private var serial = 0
    /// Promises that were broken.
    var failures: [String] = []
    /// What happened, for the message of a failure.
    private(set) var story: [String] = []
    /// Whether the last start was preceded by one that met with errors.
    private(set) var metFaultsAtStart = false
    /// Whether retention may believe the wall clock: it is not told of a jump before a start.
    private(set) var isClockTrusted = true
    /// Whether the wall clock has jumped.
    var hasJumped = false
    /// Set once a sync failed: the process would have ended.
    let isFatal = Condition(false)

    /// Whether durable appends are durable only where the topic insists.
    var isRelaxed: Bool { seed % 6 == 5 }

    init(_ seed: UInt64) {
        self.seed = seed
        files = MemoryFileSystem(clock: clock)
        random = SplitMix(seed)
    }

    /// How to see it again, and what happened until now.
    var description: String {
        "repeat it with SLUICE_HISTORY=\(seed): \(story.joined(separator: "; "))"
    }

    func note(_ event: @autoclosure () -> String) { story.append(event()) }

    // MARK: - The process

    func open() throws(LogError) {
        isFatal.withLock { $0 = false }
        var options = quiet {
            $0.defaults.segmentBytes = 700
            $0.defaults.retentionMilliseconds = -1
            $0.indexIntervalBytes = 100
            $0.minimumFreeBytes = 1000
            $0.reserveFromBytes = 200
            $0.relaxedDurability = isRelaxed
        }
        let isFatal = isFatal
        options.onFatal = { _ in isFatal.update { $0 = true } }
        log = try CommitLog(directory: Self.directory, options: options, fileSystem: files, clock: clock)
        for (topic, model) in models { log?.partition(topic: topic, partition: 0)?.apply(model.settings) }
    }

    /// After an end of the process: reopens, and holds the log to its promises.
    ///
    /// - Parameter keepsWritten: whether everything written must be there, and not only what is durable.
    func reopen(keepsWritten: Bool) throws {
        note(keepsWritten ? "process ended" : "power cut")
        log = nil
        isClockTrusted = !hasJumped
        files.fail(0..<0, code: EIO)
        files.failReads(0..<0)
        files.setFree(1 << 40)
        if Int.random(in: 0..<4, using: &random) == 0 { damageTransactionIndexes() }
        metFaultsAtStart = Int.random(in: 0..<4, using: &random) == 0
        var keepsWritten = keepsWritten
        if metFaultsAtStart, openWithFaults() { keepsWritten = false }
        try open()
        for topic in log?.partitions.map(\.topic) ?? [] where models[topic] == nil {
            expect(!deleted.contains(topic), "\(topic) came back")
            // It was being made, or deleted, when something failed.
            try? log?.deletePartition(topic: topic, partition: 0)
        }
        for topic in models.keys.sorted() {
            let partition = try partition(topic)
            guard let model = models[topic] else { continue }
            model.isClockTrusted = isClockTrusted
            check(partition, model, keepsWritten: keepsWritten)
            model.producer.forget(below: model.ledger.durable)
            model.settle(end: partition.endOffset, start: partition.startOffset)
            checkCommitted(partition, model)
            try retry(partition, model)
        }
    }

    /// Takes what a reopened log holds for what is there, without a look at it.
    func settle() {
        for (topic, model) in models {
            guard let partition = log?.partition(topic: topic, partition: 0) else { continue }
            model.settle(end: partition.endOffset, start: partition.startOffset)
        }
    }

    /// A start that meets with errors may fail, and costs nothing; one that ends with the power costs what was not durable.
    ///
    /// - Returns: whether the power went.
    private func openWithFaults() -> Bool {
        let distance = Int.random(in: 1...30, using: &random)
        let losesPower = Int.random(in: 0..<3, using: &random) == 0
        note(losesPower ? "a start that is cut off" : "a start with errors")
        if losesPower {
            files.fail(files.operations + distance..<Int.max, code: EIO)
        } else if Bool.random(using: &random) {
            files.failReads(files.readOperations + distance..<files.readOperations + distance + 2)
        } else {
            files.fail(files.operations + distance..<files.operations + distance + 2, code: EIO)
        }
        try? open()
        log = nil
        if losesPower {
            let loss = MemoryFileSystem.Loss.allCases.randomElement(using: &random)!
            files.cutPower(loss, &random)
        } else {
            files.kill()
        }
        files.fail(0..<0, code: EIO)
        files.failReads(0..<0)
        return losesPower
    }

    /// Compares what a partition holds with what was promised.
    private func check(_ partition: PartitionLog, _ model: PartitionModel, keepsWritten: Bool) {
        do {
            let found = try partition.contents()
            let problems = model.problems(
                found: found, start: partition.startOffset, end: partition.endOffset,
                highWatermark: partition.highWatermark, keepsWritten: keepsWritten)
            for problem in problems { expect(false, "\(model.topic): \(problem)") }
        } catch {
            expect(false, "\(model.topic) cannot be read: \(error)")
        }
    }

    func expect(_ condition: Bool, _ message: @autoclosure () -> String) {
        if !condition { failures.append("\(message()); \(description); \(log?.recovery.messages ?? [])") }
    }

    // MARK: - The clients

    func partition(_ topic: String) throws(LogError) -> PartitionLog {
        if let found = log?.partition(topic: topic, partition: 0) { return found }
        guard let log else { throw .closed }
        deleted.remove(topic)
        let model = models[topic] ?? PartitionModel(topic)
        let made = try log.createPartition(topic: topic, partition: 0, settings: model.settings)
        expect(models[topic] == nil, "\(topic) was made and is gone")
        models[topic] = model
        return made
    }

    private static let padding = String(repeating: "x", count: 5000)

    /// Records with values that are never used twice; some are longer than a sector of the disk.
    func records(_ model: PartitionModel) -> [PartitionModel.Entry] {
        serial += 1
        let isLong = Int.random(in: 0..<12, using: &random) == 0
        return (0..<Int.random(in: 1...3, using: &random)).map { index in
            let isTombstone = model.isCompacted && Int.random(in: 0..<5, using: &random) == 0
            let value = "\(serial).\(index)" + (isLong ? Self.padding : "")
            return PartitionModel.Entry(
                key: model.isCompacted ? "k\(Int.random(in: 0..<6, using: &random))" : nil,
                value: isTombstone ? nil : value, arrived: clock.monotonicNanoseconds)
        }
    }

    func append(_ topic: String, _ durability: Durability) throws(LogError) {
        let partition = try partition(topic)
        guard let model = models[topic] else { return }
        let entries = records(model)
        let result = try partition.append(bytes: batch(entries), durability)
        note("\(topic) \(durability) \(result.baseOffset)...\(result.lastOffset)")
        expect(!result.isDuplicate, "\(topic): taken for a repetition")
        appended(entries, result, durability, partition, model)
    }

    /// Whether nothing that is appended to a topic is promised to survive a power cut.
    func isRelaxed(_ model: PartitionModel) -> Bool {
        model.settings.writeCaching || isRelaxed && !model.settings.isAlwaysDurable
    }

    /// Takes note of a batch and of what was promised for it.
    func appended(
        _ entries: [PartitionModel.Entry], _ result: AppendResult, _ durability: Durability, _ partition: PartitionLog,
        _ model: PartitionModel
    ) {
        let promised = isRelaxed(model) ? .written : durability
        model.appended(entries, result, promised)
        if promised == .durable { acknowledge(partition, model, result) }
    }

    /// The client's answer, once there is one.
    private func acknowledge(_ partition: PartitionLog, _ model: PartitionModel, _ result: AppendResult) {
        let ledger = model.ledger
        partition.whenDurable(upTo: result.lastOffset + 1) { outcome in
            if case .success = outcome { ledger.acknowledge(result) }
        }
    }

    /// The topic's idempotent producer sends its next batch, unless too many of its batches wait for their answer.
    func sendIdempotently(_ topic: String) throws(LogError) {
        let partition = try partition(topic)
        guard let model = models[topic] else { return }
        // An answered batch that is lost leaves a gap that no producer closes.
        guard !isRelaxed(model) else { return try append(topic, .durable) }
        model.producer.forget(below: model.ledger.durable)
        guard model.producer.inFlight.count < 5 else { return }
        let sent = PartitionModel.Sent(sequence: model.producer.next, entries: records(model))
        let result = try partition.append(bytes: batch(sent, model.producer.id), .durable)
        note("\(topic) sequence \(sent.sequence) \(result.baseOffset)...\(result.lastOffset)")
        expect(!result.isDuplicate, "\(topic): sequence \(sent.sequence) taken for a repetition")
        appended(sent.entries, result, .durable, partition, model)
        model.producer.sent(sent, result)
    }

    /// A producer whose answers were lost sends its batches again: each must be there once.
    private func retry(_ partition: PartitionLog, _ model: PartitionModel) throws(LogError) {
        let waiting = model.producer.inFlight
        model.producer.inFlight = []
        // What the disk damaged is not known any more.
        guard model.rotten.isEmpty else { return }
        for batch in waiting {
            let survived = batch.result.lastOffset < partition.endOffset && !model.wasLost(batch.result)
            let result = try partition.append(bytes: self.batch(batch.sent, model.producer.id), .durable)
            note("\(model.topic) sequence \(batch.sent.sequence) again \(result.baseOffset)")
            expect(
                result.isDuplicate == survived,
                "\(model.topic): sequence \(batch.sent.sequence) \(survived ? "twice" : "taken for a repetition")")
            if survived {
                expect(result.baseOffset == batch.result.baseOffset, "\(model.topic): moved to \(result.baseOffset)")
                acknowledge(partition, model, result)
            } else {
                appended(batch.sent.entries, result, .durable, partition, model)
            }
            model.producer.inFlight.append((batch.sent, result))
        }
    }

    private func batch(_ entries: [PartitionModel.Entry]) -> [UInt8] {
        keyedBatch(entries.map { ($0.key, $0.value) }, codec: serial % 7 == 0 ? .lz4 : .none)
    }

    private func batch(_ sent: PartitionModel.Sent, _ producerID: Int64) -> [UInt8] {
        keyedBatch(
            sent.entries.map { ($0.key, $0.value) },
            producer: TestProducer(id: producerID, sequence: sent.sequence))
    }

    /// What consumers see is never what could be taken back, and never less than before.
    func checkWatermarks() {
        for (topic, model) in models {
            guard let partition = log?.partition(topic: topic, partition: 0) else { continue }
            let high = partition.highWatermark
            expect(high <= model.ledger.firstWaiting, "\(topic): consumers see \(high), not durable")
            expect(high >= model.seenHighWatermark, "\(topic): the watermark went back to \(high)")
            expect(partition.startOffset <= high, "\(topic): begins behind what is visible")
            model.saw(highWatermark: high, start: partition.startOffset)
            if Int.random(in: 0..<8, using: &random) == 0 { checkCommitted(partition, model) }
        }
    }
}
