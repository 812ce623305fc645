import CommitLog
import KafkaWire
import RecordBatch
import Streams
import System
import TestSupport
import Testing

@testable import Broker

/// What a broker finds that ended between two steps of a transaction.
@Suite struct TransactionRecoveryTests {
    let directory = TemporaryDirectory()
    static let producer = ProducerIdentity(id: 500, epoch: 2)

    /// A topic `t` with one batch of a transaction, beside what `records` says in `__transaction_state`.
    func prepare(_ records: [InternalLog.Pair]) throws {
        try withBroker(directory) { broker in
            for name in ["t", "u"] { try broker.streams.createTopic(TopicSpecification(name)) }
        }
        var options = LogOptions()
        options.minimumFreeBytes = 0
        let log = try CommitLog(
            directory: directory.path, options: options, fileSystem: LocalFileSystem(), clock: SystemClock())
        let data = try #require(log.partition(topic: "t", partition: 0))
        var builder = RecordBatchBuilder()
        try Array("one".utf8).withUnsafeBytes { try builder.append(key: nil, value: $0, timestampMilliseconds: 1) }
        var batch = RecordBatchOptions()
        batch.producerID = Self.producer.id
        batch.producerEpoch = Self.producer.epoch
        batch.baseSequence = 0
        batch.isTransactional = true
        try builder.finish(batch)
        try builder.withMutableBatch { bytes in
            let header = try RecordBatchHeader(parsing: UnsafeRawBufferPointer(bytes))
            try data.append(bytes, header: header, durability: .written)
        }
        let state = try #require(log.partition(topic: TopicName.transactionState, partition: 0))
        if !records.isEmpty { _ = try InternalLog(state, clock: SystemClock()).append(records) }
        try log.close()
    }

    func transaction(_ state: TransactionState) -> Transaction {
        Transaction(
            producer: Self.producer, timeoutMilliseconds: 60_000, state: state,
            partitions: [PartitionName(topic: "t", partition: 0), TransactionCoordinator.offsetsPartition],
            startMilliseconds: 1, updateMilliseconds: 1)
    }

    @Test(arguments: [TransactionState.prepareCommit, .prepareAbort])
    func whatWasDecidedIsCompleted(_ state: TransactionState) throws {
        let key = OffsetKey(group: "g", topic: "u", partition: 0)
        // Of late: older ones are forgotten, as their group has no members.
        let offset = CommittedOffset(offset: 7, committedMilliseconds: SystemClock().wallMilliseconds)
        try prepare([
            TransactionCoordinator.pair("tx", transaction(.ongoing)), TransactionCoordinator.pair("tx", key, offset),
            TransactionCoordinator.pair("tx", transaction(state)),
        ])
        try withBroker(directory) { broker in
            try broker.start()
            let client = try TransactionClient(broker)
            while try client.state().state.hasPrefix("Prepare") {}
            let isCommit = state == .prepareCommit
            #expect(try client.state().state == (isCommit ? "CompleteCommit" : "CompleteAbort"))
            #expect(try client.committed("t") == (isCommit ? ["one"] : []))
            #expect(try client.offset("t", ListOffsetsRequest.latest, isolation: 1) == 2)
            #expect(try client.committedOffset("g", "u", stable: true) == (isCommit ? 7 : -1, .none))
        }
    }

    @Test func whatNobodyKnowsIsAborted() throws {
        try prepare([])
        try withBroker(directory) { broker in
            try broker.start()
            let client = try TransactionClient(broker)
            // The marker is visible once it is durable.
            while try client.offset("t", ListOffsetsRequest.latest, isolation: 1) < 2 {}
            #expect(try client.committed("t") == [])
        }
    }

    @Test func whatIsOpenStaysOpen() throws {
        try prepare([TransactionCoordinator.pair("tx", transaction(.ongoing))])
        try withBroker(directory) { broker in
            try broker.start()
            let client = try TransactionClient(broker)
            client.producer = (Self.producer.id, Self.producer.epoch)
            #expect(try client.offset("t", ListOffsetsRequest.latest, isolation: 1) == 0)
            #expect(try client.end(commit: true) == .none)
            #expect(try client.committed("t") == ["one"])
        }
    }
}
