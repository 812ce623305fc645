import CommitLog
import RecordBatch
import System
import TestSupport

extension History {
    /// Appends a batch to the transaction of one of three producers, and sends the one before once more.
    func appendInTransaction(_ topic: String, _ durability: Durability) throws(LogError) {
        let partition = try partition(topic)
        guard let model = models[topic] else { return }
        let id = Int64.random(in: 1...3, using: &random)
        if model.rotten.isEmpty, let last = model.transactions.last(id, from: partition.startOffset) {
            let repeated = try partition.append(bytes: bytes(last.entries, last.producer), durability)
            expect(
                repeated.isDuplicate && repeated.baseOffset == last.offset && repeated.lastOffset == last.lastOffset,
                "\(topic): a repeated batch at \(last.offset) is at \(repeated)")
        }
        let producer = model.transactions.next(id)
        let entries = records(model)
        let result = try partition.append(bytes: bytes(entries, producer), durability)
        note("\(topic) transaction of \(id) \(result.baseOffset)...\(result.lastOffset)")
        model.transactions.append(producer, entries, at: result.baseOffset)
        appended(entries, result, durability, partition, model)
    }

    private func bytes(_ entries: [PartitionModel.Entry], _ producer: TestProducer) -> [UInt8] {
        keyedBatch(entries.map { ($0.key, $0.value) }, producer: producer)
    }

    /// Ends the transaction of one of three producers, if it has one.
    func endTransaction(_ topic: String, _ durability: Durability) throws(LogError) {
        let partition = try partition(topic)
        guard let model = models[topic] else { return }
        let id = Int64.random(in: 1...3, using: &random)
        let outcome: ControlRecord.Outcome = Bool.random(using: &random) ? .commit : .abort
        let epoch = model.transactions.next(id).epoch + (Bool.random(using: &random) ? 1 : 0)
        let result = try partition.end(id, epoch: epoch, outcome, durability)
        note("\(topic) \(outcome) of \(id) \(result.baseOffset)")
        model.transactions.end(id, epoch, outcome, at: result.baseOffset)
        appended([], result, durability, partition, model)
    }

    /// Readers of committed data see what was committed, and nothing that is open or was aborted.
    func checkCommitted(_ partition: PartitionLog, _ model: PartitionModel) {
        // Without its marker a transaction has no end.
        guard model.rotten.isEmpty else { return }
        let stable = max(
            partition.startOffset, model.transactions.lastStableOffset(highWatermark: partition.highWatermark))
        expect(partition.lastStableOffset == stable, "\(model.topic): stable below \(partition.lastStableOffset)")
        do {
            let found = try partition.contents(limit: .lastStable)
            let problems = model.problemsOfCommitted(found, start: partition.startOffset, lastStable: stable)
            for problem in problems { expect(false, "\(model.topic): \(problem)") }
        } catch LogError.storage {
            // A file could not be read, as it was told.
        } catch {
            expect(false, "\(model.topic): \(error)")
        }
    }

    /// Damages transaction indexes, which are only hints.
    func damageTransactionIndexes() {
        let names = files.files(under: Self.directory).filter { $0.hasSuffix(".txnindex") }
        guard let path = names.randomElement(using: &random), let file = try? files.open(path, .readWrite) else {
            return
        }
        note("damaged \(path)")
        switch Int.random(in: 0...2, using: &random) {
        case 0: try? files.remove(path)
        case 1: try? file.truncate(to: max(0, file.size() - 10))
        default: try? [UInt8](repeating: 7, count: 20).withUnsafeBytes { try file.write($0, at: 8) }
        }
        try? file.syncData()
    }
}
