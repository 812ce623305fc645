import Bytes
import Testing

@testable import Broker

@Suite struct TransactionRuleTests {
    static let partition = PartitionName(topic: "t", partition: 0)

    /// A transactional id whose producer has epoch `epoch`.
    static func made(
        _ state: TransactionState = .empty, epoch: Int16 = 3, version: Int16 = 0,
        _ change: (inout Transaction) -> Void = { _ in }
    ) -> Transaction {
        var made = Transaction(
            producer: ProducerIdentity(id: 7, epoch: epoch), timeoutMilliseconds: 1000, updateMilliseconds: 5)
        made.state = state
        made.version = version
        if state.isActive { made.partitions = [partition] }
        change(&made)
        return made
    }

    static func identity(_ epoch: Int16, id: Int64 = 7) -> ProducerIdentity { ProducerIdentity(id: id, epoch: epoch) }

    func initialized(
        _ transaction: Transaction, _ expected: ProducerIdentity? = nil, newID: Int64? = nil
    ) -> TransactionStep {
        transaction.initialized(timeoutMilliseconds: 2000, expected: expected, newProducerID: newID, now: 9)
    }

    func ended(
        _ transaction: Transaction, _ isCommit: Bool, _ epoch: Int16, version: Int16 = 0, id: Int64 = 7,
        newID: Int64? = nil
    ) -> TransactionStep {
        transaction.ended(
            isCommit: isCommit, Self.identity(epoch, id: id), version: version, newProducerID: newID, now: 9)
    }

    // MARK: - InitProducerId

    @Test func everyBeginningHasItsEpoch() throws {
        let first = try #require(initialized(Self.made(epoch: -1)).changed)
        #expect(first.producer == Self.identity(0))
        #expect(first.timeoutMilliseconds == 2000 && first.lastProducerEpoch == -1 && first.state == .empty)
        for state in [TransactionState.empty, .completeCommit, .completeAbort] {
            #expect(initialized(Self.made(state)).changed?.producer == Self.identity(4))
        }
        #expect(initialized(Self.made(.prepareCommit)) == .refuse(.busy))
        #expect(initialized(Self.made(.prepareAbort)) == .refuse(.busy))
        // A transaction of the predecessor is aborted with an epoch that nobody has.
        let fenced = try #require(initialized(Self.made(.ongoing)).changed)
        #expect(fenced.state == .prepareAbort && fenced.producer == Self.identity(4))
        #expect(fenced.partitions == [Self.partition])
    }

    @Test func aProducerGoesOnAfterAnError() throws {
        let bumped = try #require(initialized(Self.made(), Self.identity(3)).changed)
        #expect(bumped.producer == Self.identity(4) && bumped.lastProducerEpoch == 3)
        // Its answer was lost: the same again.
        #expect(initialized(bumped, Self.identity(3)).changed?.producer == Self.identity(4))
        #expect(initialized(bumped, Self.identity(2)) == .refuse(.fenced))
        #expect(initialized(bumped, Self.identity(4, id: 8)) == .refuse(.fenced))
        // Somebody else began since.
        let other = try #require(initialized(bumped).changed)
        #expect(initialized(other, Self.identity(4)) == .refuse(.fenced))
    }

    @Test func usedUpEpochsGiveANewID() throws {
        let last = Self.made(epoch: .max - 1)
        #expect(initialized(last) == .needsProducerID)
        #expect(initialized(last, newID: 8).changed?.producer == Self.identity(0, id: 8))
        let rotated = try #require(initialized(last, Self.identity(.max - 1), newID: 8).changed)
        #expect(rotated.producer == Self.identity(0, id: 8) && rotated.previousProducerID == 7)
        #expect(initialized(rotated, Self.identity(.max - 1)).changed?.producer == Self.identity(0, id: 8))
        // One epoch is left to fence with.
        #expect(initialized(Self.made(.ongoing, epoch: .max - 1)).changed?.producer == Self.identity(.max))
        #expect(initialized(Self.made(.completeAbort, epoch: .max), newID: 8).changed?.producer.id == 8)
    }

    // MARK: - Partitions

    @Test func partitionsBeginATransaction() throws {
        func add(_ transaction: Transaction, _ epoch: Int16 = 3, id: Int64 = 7, _ number: Int32 = 0) -> TransactionStep
        {
            transaction.adding(
                [PartitionName(topic: "t", partition: number)], Self.identity(epoch, id: id), version: 0, now: 9)
        }
        for state in [TransactionState.empty, .completeCommit, .completeAbort] {
            let begun = try #require(add(Self.made(state)).changed)
            #expect(begun.state == .ongoing && begun.startMilliseconds == 9 && begun.partitions == [Self.partition])
            #expect(add(begun) == .keep)
            let more = try #require(add(begun, 3, 1).changed)
            #expect(more.partitions.count == 2)
            #expect(more.refusal(for: Self.partition, Self.identity(3)) == nil)
            #expect(more.refusal(for: PartitionName(topic: "u", partition: 0), Self.identity(3)) == .notInTransaction)
        }
        #expect(add(Self.made(), 2) == .refuse(.fenced))
        #expect(add(Self.made(), 4) == .refuse(.fenced))
        #expect(add(Self.made(), id: 8) == .refuse(.unknownProducer))
        #expect(add(Self.made(.prepareCommit)) == .refuse(.busy))
        #expect(Self.made().refusal(for: Self.partition, Self.identity(3)) == .wrongState)
    }

    // MARK: - EndTxn

    @Test func endsOnceAndForAll() throws {
        let ongoing = Self.made(.ongoing)
        let prepared = try #require(ended(ongoing, true, 3).changed)
        #expect(prepared.state == .prepareCommit && prepared.producer == Self.identity(3))
        #expect(ended(prepared, true, 3) == .refuse(.busy))
        #expect(ended(prepared, false, 3) == .refuse(.wrongState))
        let complete = prepared.completed(now: 11)
        #expect(complete.state == .completeCommit && complete.partitions.isEmpty)
        #expect(ended(complete, true, 3) == .keep)
        #expect(ended(complete, false, 3) == .refuse(.wrongState))
        let aborted = try #require(ended(ongoing, false, 3).changed).completed(now: 11)
        #expect(aborted.state == .completeAbort)
        #expect(ended(aborted, false, 3) == .keep)
        #expect(ended(aborted, true, 3) == .refuse(.wrongState))
        #expect(ended(Self.made(), true, 3) == .refuse(.wrongState))
        #expect(ended(Self.made(), false, 3) == .refuse(.wrongState))
        #expect(ended(ongoing, true, 2) == .refuse(.fenced))
        #expect(ended(ongoing, true, 4) == .refuse(.fenced))
        #expect(ended(ongoing, true, 3, id: 8) == .refuse(.unknownProducer))
    }

    @Test func everyTransactionHasItsEpochInVersion2() throws {
        let ongoing = Self.made(.ongoing, version: 2)
        let prepared = try #require(ended(ongoing, true, 3, version: 2).changed)
        #expect(prepared.producer == Self.identity(4))
        #expect(ended(prepared, true, 3, version: 2) == .refuse(.busy))
        #expect(ended(prepared, true, 4, version: 2) == .refuse(.fenced))
        let complete = prepared.completed(now: 11)
        #expect(complete.producer == Self.identity(4))
        #expect(ended(complete, true, 3, version: 2) == .keep)
        #expect(ended(complete, false, 3, version: 2) == .refuse(.wrongState))
        #expect(ended(complete, true, 4, version: 2) == .refuse(.wrongState))
        #expect(ended(complete, true, 2, version: 2) == .refuse(.fenced))
        // Nothing was written, as far as the broker knows: aborting is always right.
        for state in [TransactionState.empty, .completeCommit, .completeAbort] {
            let empty = try #require(ended(Self.made(state, version: 2), false, 3, version: 2).changed)
            #expect(empty.state == .prepareAbort && empty.partitions.isEmpty && empty.producer == Self.identity(4))
        }
        #expect(ended(Self.made(version: 2), true, 3, version: 2) == .refuse(.wrongState))
        #expect(ended(Self.made(version: 2), false, 2, version: 2) == .refuse(.fenced))
    }

    @Test func usedUpEpochsGiveANewIDInVersion2() throws {
        let ongoing = Self.made(.ongoing, epoch: .max - 1, version: 2)
        #expect(ended(ongoing, true, .max - 1, version: 2) == .needsProducerID)
        let prepared = try #require(ended(ongoing, true, .max - 1, version: 2, newID: 8).changed)
        // The markers still carry the old id.
        #expect(prepared.producer == Self.identity(.max) && prepared.nextProducer == Self.identity(0, id: 8))
        let complete = prepared.completed(now: 11)
        #expect(complete.producer == Self.identity(0, id: 8) && complete.previousProducerID == 7)
        #expect(ended(complete, true, .max - 1, version: 2) == .keep)
    }

    @Test func aSilentProducerIsFenced() throws {
        let fenced = try #require(Self.made(.ongoing, version: 2).fenced(now: 9).changed)
        #expect(fenced.state == .prepareAbort && fenced.producer == Self.identity(4))
        #expect(ended(fenced, false, 3, version: 2) == .refuse(.fenced))
        let complete = fenced.completed(now: 11)
        #expect(ended(complete, false, 3, version: 2) == .refuse(.fenced))
        #expect(initialized(complete, Self.identity(3)) == .refuse(.fenced))
        #expect(initialized(complete).changed?.producer == Self.identity(5))
        #expect(Self.made(.empty).fenced(now: 9) == .keep)
    }
}

extension TransactionStep {
    fileprivate var changed: Transaction? {
        if case .change(let transaction) = self { return transaction }
        return nil
    }
}

@Suite struct TransactionRecordTests {
    static let full: Transaction = {
        var full = TransactionRuleTests.made(.prepareCommit, version: 2)
        full.previousProducerID = 5
        full.nextProducerID = 9
        full.startMilliseconds = 4
        full.partitions = [
            PartitionName(topic: "a", partition: 1), PartitionName(topic: "a", partition: 0),
            PartitionName(topic: "b", partition: 300),
        ]
        return full
    }()

    @Test func readsWhatItWrote() throws {
        for transaction in [Self.full, TransactionRuleTests.made()] {
            var expected = transaction
            expected.lastProducerEpoch = -1
            let bytes = TransactionRecord.encode(transaction)
            #expect(try bytes.withUnsafeBytes { try TransactionRecord.parseValue($0) } == expected)
            for count in 0..<bytes.count {
                #expect(throws: DecodeError.self) {
                    try Array(bytes.prefix(count)).withUnsafeBytes { try TransactionRecord.parseValue($0) }
                }
            }
        }
        let offset = OffsetKey(group: "g", topic: "t", partition: 2)
        for key in [TransactionRecord.Key.transaction("id"), .offset("id", offset)] {
            let bytes = TransactionRecord.encode(key)
            #expect(try bytes.withUnsafeBytes { try TransactionRecord.parseKey($0) } == key)
        }
    }

    @Test func hasKafkasLayout() throws {
        #expect(TransactionRecord.encode(.transaction("id")) == [0, 0, 0, 2, 105, 100])
        var transaction = TransactionRuleTests.made(.ongoing)
        transaction.startMilliseconds = 4
        #expect(
            TransactionRecord.encode(transaction) == [
                0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 3, 0, 0, 3, 232, 1, 2, 2, 116, 2, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 4, 0,
            ])
        // Version 0, as older brokers write it.
        let old: [UInt8] = [
            0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 3, 0, 0, 3, 232, 1, 0, 0, 0, 1, 0, 1, 116, 0, 0, 0, 1, 0, 0, 0, 0,
            0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 4,
        ]
        #expect(try old.withUnsafeBytes { try TransactionRecord.parseValue($0) } == transaction)
    }
}
