import Bytes
import CommitLog
import KafkaWire
import Observability
import RecordBatch
import System

/// One Produce request on its way into the log: checks each batch and appends it as it is. Runs on its connection's event
/// loop, or on one of the `CodecWorkers`.
struct ProduceRun {
    let core: BrokerCore
    let version: Int16
    let request: ProduceRequest

    /// What came of a request.
    struct Outcome: Sendable {
        var response = ProduceResponse()
        /// What must be durable before the answer.
        var waits: [PendingProduce.Wait] = []
    }

    /// The first version whose record sets are batches of format 2, one each; older ones are only told so.
    private static let firstVersion: Int16 = 3
    /// The first version that names topics by id.
    private static let firstVersionWithIDs: Int16 = 13
    /// The first version whose batches add their partition to the transaction by themselves (KIP-890), and the first
    /// whose clients know TRANSACTION_ABORTABLE.
    private static let implicitVersion: Int16 = 12
    private static let abortableVersion: Int16 = 11

    /// What a batch of one partition came to.
    private struct Appended {
        var partition: ProduceResponse.Partition
        /// Logs with the offsets behind what must be durable before the answer.
        var waits: [(log: PartitionLog, offset: Int64)] = []
    }

    /// Whether unpacking the batches takes so long that the event loop should not wait for it.
    var isLong: Bool {
        guard request.recordBytes >= BatchAdmission.longBytesMin else { return false }
        return request.topics.contains { wanted in
            guard let topic = find(wanted) else { return false }
            return wanted.partitions.contains { partition in
                guard case .view(let batch) = partition.records else { return false }
                return BatchAdmission.isLong(batch, topic)
            }
        }
    }

    /// Appends what can be appended.
    ///
    /// - Parameter scratch: takes decompressed records.
    func run(scratch: inout ByteWriter) -> Outcome {
        var outcome = Outcome()
        for (topicIndex, topic) in request.topics.enumerated() {
            var partitions: [ProduceResponse.Partition] = []
            let found = find(topic)
            for (partitionIndex, partition) in topic.partitions.enumerated() {
                let appended = append(topic, found, partition, &scratch)
                for wait in appended.waits {
                    outcome.waits.append(
                        PendingProduce.Wait(
                            log: wait.log, offset: wait.offset, topicIndex: topicIndex,
                            partitionIndex: partitionIndex))
                }
                partitions.append(appended.partition)
            }
            outcome.response.topics.append(
                ProduceResponse.Topic(name: topic.name, id: topic.id, partitions: partitions))
        }
        return outcome
    }

    private func find(_ wanted: ProduceRequest.Topic) -> Topic? {
        version >= Self.firstVersionWithIDs ? core.catalog.topic(id: wanted.id) : core.catalog.topic(wanted.name)
    }

    private func append(
        _ wanted: ProduceRequest.Topic, _ topic: Topic?, _ partition: ProduceRequest.Partition,
        _ scratch: inout ByteWriter
    ) -> Appended {
        do throws(ProduceError) {
            guard version >= Self.firstVersion else {
                throw ProduceError(.unsupportedVersion, "record sets of Produce \(version) are no longer taken")
            }
            guard (-1...1).contains(request.acks) else {
                throw ProduceError(.invalidRequiredAcks, "acks \(request.acks): -1, 0 and 1 are known")
            }
            guard let topic else { throw unknownTopic(wanted) }
            guard !topic.isInternal else {
                throw ProduceError(.invalidTopicException, "topic \(topic.name) holds the broker's own state")
            }
            guard let log = topic.partition(partition.index) else {
                throw ProduceError(
                    .unknownTopicOrPartition, "topic \(topic.name) has no partition \(partition.index)")
            }
            guard case .view(let bytes) = partition.records, bytes.count > 0 else {
                throw ProduceError(.invalidRecord, "no record batch")
            }
            // The records are ours until the answer, and the log patches offset and epoch in place.
            let batch = UnsafeMutableRawBufferPointer(mutating: bytes)
            return try append(batch, topic, log, partition.index, &scratch)
        } catch {
            return Appended(
                partition: ProduceResponse.Partition(
                    index: partition.index, errorCode: error.code, recordErrors: error.records,
                    errorMessage: error.message))
        }
    }

    private func append(
        _ batch: UnsafeMutableRawBufferPointer, _ topic: Topic, _ log: PartitionLog, _ index: Int32,
        _ scratch: inout ByteWriter
    ) throws(ProduceError) -> Appended {
        let admitted = try BatchAdmission.check(
            batch, topic, version: version, now: core.clock.wallMilliseconds, &scratch)
        let (result, transactionWaits) = try store(batch, admitted.header, topic, log)
        if !result.isDuplicate {
            topic.counters.receivedBytes.add(batch.count)
            topic.counters.receivedRecords.add(Int(admitted.header.recordCount))
        }
        return Appended(
            partition: ProduceResponse.Partition(
                index: index, baseOffset: result.baseOffset,
                // A repeated batch has the time at which it was appended first.
                logAppendTimeMilliseconds: admitted.appendTime == nil ? -1 : result.timestamp,
                logStartOffset: log.startOffset),
            waits: request.acks == -1 ? [(log, result.lastOffset + 1)] + transactionWaits : [])
    }

    /// Appends a batch in its topic's codec; returns also what else must be durable when it began a transaction in the
    /// partition.
    private func store(
        _ batch: UnsafeMutableRawBufferPointer, _ header: RecordBatchHeader, _ topic: Topic, _ log: PartitionLog
    ) throws(ProduceError) -> (AppendResult, waits: [(log: PartitionLog, offset: Int64)]) {
        guard var other = try BatchAdmission.recompress(UnsafeRawBufferPointer(batch), header, topic) else {
            return try append(batch, header, log)
        }
        return try other.withMutableBytes {
            (bytes) throws(ProduceError) -> (AppendResult, waits: [(log: PartitionLog, offset: Int64)]) in
            try append(bytes, try BatchAdmission.reparse(UnsafeRawBufferPointer(bytes)), log)
        }
    }

    private func append(
        _ batch: UnsafeMutableRawBufferPointer, _ header: RecordBatchHeader, _ log: PartitionLog
    ) throws(ProduceError) -> (AppendResult, waits: [(log: PartitionLog, offset: Int64)]) {
        let transactions = core.transactions
        var refusal: TransactionRefusal?
        var waits: [(log: PartitionLog, offset: Int64)] = []
        do throws(LogError) {
            let result = try log.append(batch, header: header, durability: request.acks == -1 ? .durable : .written) {
                let admitted = transactions.admit(
                    PartitionName(topic: log.topic, partition: log.partition), to: request.transactionalID,
                    ProducerIdentity(id: header.producerID, epoch: header.producerEpoch),
                    isImplicit: version >= Self.implicitVersion)
                switch admitted {
                case .success(let offset): waits.append((transactions.log.partition, offset + 1))
                case .failure(let found): refusal = found
                }
                return refusal == nil
            }
            return (result, waits)
        } catch {
            guard let refusal else { throw ProduceError(error) }
            // Old clients do not know CONCURRENT_TRANSACTIONS here; they send again for this one, as Kafka has it.
            if refusal == .busy && version < Self.implicitVersion {
                throw ProduceError(.notEnoughReplicas, "the last transaction is not over yet")
            }
            let code = refusal.errorCode(fenced: .invalidProducerEpoch, isAbortable: version >= Self.abortableVersion)
            throw ProduceError(code, "\(error): \(refusal)")
        }
    }

    /// The error for a topic that is not there. If it may be created, that is begun: the producer asks for metadata and
    /// sends again, and its later batches cannot overtake this one.
    private func unknownTopic(_ wanted: ProduceRequest.Topic) -> ProduceError {
        guard version < Self.firstVersionWithIDs else {
            return ProduceError(.unknownTopicID, "no topic has the id \(wanted.id)")
        }
        let name = wanted.name
        do throws(BrokerError) {
            try TopicName.check(name)
        } catch {
            return ProduceError(.invalidTopicException, error.message)
        }
        guard !TopicName.isInternal(name) else {
            return ProduceError(.invalidTopicException, "topic \(name) holds the broker's own state")
        }
        if core.options.autoCreate {
            let core = core
            _ = core.worker.submit { _ = try? core.catalog.ensure(name) }
        }
        return ProduceError(.unknownTopicOrPartition, "topic \(name) does not exist")
    }
}

extension ProduceRequest {
    /// Bytes of all record sets.
    var recordBytes: Int {
        topics.reduce(0) { $0 + $1.partitions.reduce(0) { $0 + $1.records.byteCount } }
    }
}
