import Bytes
import CommitLog
import KafkaWire
import Observability
import RecordBatch
import System

/// Produce (API 0): checks each batch, appends it as it is, and answers when the wanted durability is reached.
///
/// `acks=0` is never answered; an error then closes the connection, which is how the producer learns of it.
enum ProduceHandler {
    /// The first version whose record sets are batches of format 2, one each; older ones are only told so.
    private static let firstVersion: Int16 = 3
    /// The first version that names topics by id.
    private static let firstVersionWithIDs: Int16 = 13

    /// What a batch of one partition came to.
    private struct Appended {
        var partition: ProduceResponse.Partition
        /// Logs with the offsets behind what must be durable before the answer.
        var waits: [(log: PartitionLog, offset: Int64)] = []
    }

    /// The first version whose batches add their partition to the transaction by themselves (KIP-890), and the first
    /// whose clients know TRANSACTION_ABORTABLE.
    private static let implicitVersion: Int16 = 12
    private static let abortableVersion: Int16 = 11

    static func handle(_ request: ProduceRequest, _ context: RequestContext) {
        var response = ProduceResponse()
        var waits: [PendingProduce.Wait] = []
        for (topicIndex, topic) in request.topics.enumerated() {
            var partitions: [ProduceResponse.Partition] = []
            let found = find(topic, context)
            for (partitionIndex, partition) in topic.partitions.enumerated() {
                let appended = append(request, topic, found, partition, context)
                for wait in appended.waits {
                    waits.append(
                        PendingProduce.Wait(
                            log: wait.log, offset: wait.offset, topicIndex: topicIndex,
                            partitionIndex: partitionIndex))
                }
                partitions.append(appended.partition)
            }
            response.topics.append(ProduceResponse.Topic(name: topic.name, id: topic.id, partitions: partitions))
        }
        response.throttleMilliseconds = context.throttle(.producerByteRate, byteCount: request.recordBytes)
        guard request.acks != 0 else {
            let failed = response.topics.contains { $0.partitions.contains { $0.errorCode != .none } }
            guard !failed else { return context.close("a batch with acks=0 was refused") }
            return context.answerNothing()
        }
        PendingProduce.answer(response, after: waits, context)
    }

    private static func find(_ wanted: ProduceRequest.Topic, _ context: RequestContext) -> Topic? {
        let catalog = context.core.catalog
        return context.version >= firstVersionWithIDs ? catalog.topic(id: wanted.id) : catalog.topic(wanted.name)
    }

    private static func append(
        _ request: ProduceRequest, _ wanted: ProduceRequest.Topic, _ topic: Topic?,
        _ partition: ProduceRequest.Partition, _ context: RequestContext
    ) -> Appended {
        do throws(ProduceError) {
            guard context.version >= firstVersion else {
                throw ProduceError(
                    .unsupportedVersion, "record sets of Produce \(context.version) are no longer taken")
            }
            guard (-1...1).contains(request.acks) else {
                throw ProduceError(.invalidRequiredAcks, "acks \(request.acks): -1, 0 and 1 are known")
            }
            guard let topic else { throw unknownTopic(wanted, context) }
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
            // The frame is ours until the answer, and the log patches offset and epoch in place.
            let batch = UnsafeMutableRawBufferPointer(mutating: bytes)
            return try append(batch, topic, log, partition.index, request, context)
        } catch {
            context.count(error.code)
            return Appended(
                partition: ProduceResponse.Partition(
                    index: partition.index, errorCode: error.code, recordErrors: error.records,
                    errorMessage: error.message))
        }
    }

    private static func append(
        _ batch: UnsafeMutableRawBufferPointer, _ topic: Topic, _ log: PartitionLog, _ index: Int32,
        _ request: ProduceRequest, _ context: RequestContext
    ) throws(ProduceError) -> Appended {
        let admitted = try BatchAdmission.check(batch, topic, context)
        let (result, transactionWaits) = try store(batch, admitted.header, topic, log, request, context)
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
    private static func store(
        _ batch: UnsafeMutableRawBufferPointer, _ header: RecordBatchHeader, _ topic: Topic, _ log: PartitionLog,
        _ request: ProduceRequest, _ context: RequestContext
    ) throws(ProduceError) -> (AppendResult, waits: [(log: PartitionLog, offset: Int64)]) {
        guard var other = try BatchAdmission.recompress(UnsafeRawBufferPointer(batch), header, topic) else {
            return try append(batch, header, log, request, context)
        }
        return try other.withMutableBytes {
            (bytes) throws(ProduceError) -> (AppendResult, waits: [(log: PartitionLog, offset: Int64)]) in
            try append(bytes, try BatchAdmission.reparse(UnsafeRawBufferPointer(bytes)), log, request, context)
        }
    }

    private static func append(
        _ batch: UnsafeMutableRawBufferPointer, _ header: RecordBatchHeader, _ log: PartitionLog,
        _ request: ProduceRequest, _ context: RequestContext
    ) throws(ProduceError) -> (AppendResult, waits: [(log: PartitionLog, offset: Int64)]) {
        let transactions = context.core.transactions
        var refusal: TransactionRefusal?
        var waits: [(log: PartitionLog, offset: Int64)] = []
        do throws(LogError) {
            let result = try log.append(batch, header: header, durability: request.acks == -1 ? .durable : .written) {
                let admitted = transactions.admit(
                    PartitionName(topic: log.topic, partition: log.partition), to: request.transactionalID,
                    ProducerIdentity(id: header.producerID, epoch: header.producerEpoch),
                    isImplicit: context.version >= implicitVersion)
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
            if refusal == .busy && context.version < implicitVersion {
                throw ProduceError(.notEnoughReplicas, "the last transaction is not over yet")
            }
            let code = refusal.errorCode(
                fenced: .invalidProducerEpoch, isAbortable: context.version >= abortableVersion)
            throw ProduceError(code, "\(error): \(refusal)")
        }
    }

    /// The error for a topic that is not there. If it may be created, that is begun: the producer asks for metadata and
    /// sends again, and its later batches cannot overtake this one.
    private static func unknownTopic(_ wanted: ProduceRequest.Topic, _ context: RequestContext) -> ProduceError {
        guard context.version < firstVersionWithIDs else {
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
        let core = context.core
        if core.options.autoCreate {
            _ = core.worker.submit { _ = try? core.catalog.ensure(name) }
        }
        return ProduceError(.unknownTopicOrPartition, "topic \(name) does not exist")
    }
}

extension ProduceRequest {
    /// Bytes of all record sets.
    fileprivate var recordBytes: Int {
        topics.reduce(0) { $0 + $1.partitions.reduce(0) { $0 + $1.records.byteCount } }
    }
}
