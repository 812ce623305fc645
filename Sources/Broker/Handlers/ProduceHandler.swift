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
    /// The codec's number in a batch's attributes.
    private static let zstdNumber = 4

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
        context.version >= 13 ? context.core.catalog.topic(id: wanted.id) : context.core.catalog.topic(wanted.name)
    }

    private static func append(
        _ request: ProduceRequest, _ wanted: ProduceRequest.Topic, _ topic: Topic?,
        _ partition: ProduceRequest.Partition, _ context: RequestContext
    ) -> Appended {
        do throws(ProduceError) {
            guard context.version >= 3 else {
                throw ProduceError(.unsupportedVersion, "record sets of Produce \(context.version) are no longer taken")
            }
            guard (-1...1).contains(request.acks) else {
                throw ProduceError(.invalidRequiredAcks, "acks \(request.acks): -1, 0 and 1 are known")
            }
            guard let topic else { throw unknownTopic(wanted, context) }
            guard !topic.isInternal else {
                throw ProduceError(.invalidTopicException, "topic \(topic.name) holds the broker's own state")
            }
            guard let log = topic.partition(partition.index) else {
                throw ProduceError(.unknownTopicOrPartition, "topic \(topic.name) has no partition \(partition.index)")
            }
            guard case .view(let bytes) = partition.records, bytes.count > 0 else {
                throw ProduceError(.invalidRecord, "no record batch")
            }
            // The frame is ours until the answer, and the log patches offset and epoch in place.
            let batch = UnsafeMutableRawBufferPointer(mutating: bytes)
            let (header, appendTime) = try check(batch, topic, context)
            let (result, transactionWait) = try store(batch, header, log, request, context)
            if !result.isDuplicate {
                topic.counters.receivedBytes.add(batch.count)
                topic.counters.receivedRecords.add(Int(header.recordCount))
            }
            return Appended(
                partition: ProduceResponse.Partition(
                    index: partition.index, baseOffset: result.baseOffset,
                    logAppendTimeMilliseconds: appendTime == nil ? -1 : result.timestamp,
                    logStartOffset: log.startOffset),
                waits: request.acks == -1 ? [(log, result.lastOffset + 1)] + transactionWait : [])
        } catch {
            context.count(error.code)
            return Appended(
                partition: ProduceResponse.Partition(
                    index: partition.index, errorCode: error.code, recordErrors: error.records,
                    errorMessage: error.message))
        }
    }

    /// Appends a batch; returns also what else must be durable when it began a transaction in the partition.
    private static func store(
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
            guard let refusal else { throw ProduceError(error.errorCode, "\(error)") }
            // Old clients do not know CONCURRENT_TRANSACTIONS here; they send again for this one, as Kafka has it.
            if refusal == .busy && context.version < implicitVersion {
                throw ProduceError(.notEnoughReplicas, "the last transaction is not over yet")
            }
            let code = refusal.errorCode(
                fenced: .invalidProducerEpoch, isAbortable: context.version >= abortableVersion)
            throw ProduceError(code, "\(error): \(refusal)")
        }
    }

    /// Checks a batch against the protocol and the topic's settings; corrects or stamps its time.
    private static func check(
        _ batch: UnsafeMutableRawBufferPointer, _ topic: Topic, _ context: RequestContext
    ) throws(ProduceError) -> (RecordBatchHeader, appendTime: Int64?) {
        guard batch.count <= topic.messageBytesMax else {
            throw ProduceError(
                .messageTooLarge,
                "a batch of \(batch.count) bytes for \(topic.name), which takes \(topic.messageBytesMax)")
        }
        let bytes = UnsafeRawBufferPointer(batch)
        let valid: ValidatedBatch
        do throws(RecordBatchError) {
            valid = try RecordBatchValidator.validate(bytes, scratch: &context.shard.scratch)
        } catch {
            throw ProduceError(ErrorCode(rawValue: error.kafkaErrorCode) ?? .invalidRecord, "\(error)")
        }
        context.shard.trimScratch()
        guard valid.header.codecNumber != zstdNumber || context.version >= 7 else {
            throw ProduceError(.unsupportedCompressionType, "zstd needs Produce version 7")
        }
        guard !valid.isControl else {
            throw ProduceError(.invalidRecord, "control batches are written by the broker alone")
        }
        if topic.isCompacted && valid.hasNullKey {
            throw ProduceError(
                .invalidRecord, "topic \(topic.name) is compacted and takes only records with a key",
                records: recordsWithoutKey(bytes))
        }
        if topic.stampsAppendTime {
            let now = context.core.clock.wallMilliseconds
            RecordBatchHeader.stampLogAppendTime(batch, milliseconds: now)
            return (try reparse(bytes), now)
        }
        if valid.maxTimestampMilliseconds != valid.header.maxTimestamp {
            RecordBatchHeader.correctMaxTimestamp(batch, milliseconds: valid.maxTimestampMilliseconds)
            return (try reparse(bytes), nil)
        }
        return (valid.header, nil)
    }

    private static func reparse(_ bytes: UnsafeRawBufferPointer) throws(ProduceError) -> RecordBatchHeader {
        do throws(DecodeError) {
            return try RecordBatchHeader(parsing: bytes)
        } catch {
            throw ProduceError(.corruptMessage, "\(error)")
        }
    }

    /// The records that a compacted topic refuses, for the client's own message (KIP-467).
    private static func recordsWithoutKey(_ bytes: UnsafeRawBufferPointer) -> [ProduceResponse.RecordError] {
        var refused: [ProduceResponse.RecordError] = []
        var reader = RecordBatchReader(checksCRC: false)
        _ = try? reader.read(bytes, from: .min) { record in
            if record.key == nil {
                refused.append(
                    ProduceResponse.RecordError(batchIndex: record.offsetDelta, message: "record without a key"))
            }
            return refused.count < 100
        }
        return refused
    }

    /// The error for a topic that is not there. If it may be created, that is begun: the producer asks for metadata and
    /// sends again, and its later batches cannot overtake this one.
    private static func unknownTopic(_ wanted: ProduceRequest.Topic, _ context: RequestContext) -> ProduceError {
        guard context.version < 13 else { return ProduceError(.unknownTopicID, "no topic has the id \(wanted.id)") }
        let name = wanted.name
        do throws(BrokerError) {
            try TopicName.check(name)
        } catch {
            return ProduceError(.invalidTopicException, error.message)
        }
        let core = context.core
        if core.options.autoCreate && !TopicName.isInternal(name) {
            _ = core.worker.submit { _ = try? core.catalog.ensure(name) }
        }
        return ProduceError(.unknownTopicOrPartition, "topic \(name) does not exist")
    }
}

/// Why a batch was refused.
private struct ProduceError: Error {
    let code: ErrorCode
    let message: String
    let records: [ProduceResponse.RecordError]

    init(_ code: ErrorCode, _ message: String, records: [ProduceResponse.RecordError] = []) {
        self.code = code
        self.message = message
        self.records = records
    }
}

extension ProduceRequest {
    /// Bytes of all record sets.
    fileprivate var recordBytes: Int {
        topics.reduce(0) { $0 + $1.partitions.reduce(0) { $0 + $1.records.byteCount } }
    }
}
