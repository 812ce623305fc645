import Broker
import Bytes
import KafkaWire
import RecordBatch

/// What a transactional producer sends, request by request.
final class TransactionClient {
    let client: TestClient
    let id: String
    var producer = (id: Int64(-1), epoch: Int16(-1))
    private var sequences: [String: Int32] = [:]

    init(_ broker: Broker, _ id: String = "tx") throws {
        client = try TestClient(broker.addresses[0])
        self.id = id
    }

    /// InitProducerId, again while the last transaction is being ended.
    @discardableResult
    func initialize(timeout: Int32 = 60_000, goingOn: Bool = false, version: Int16 = 4) throws -> ErrorCode {
        while true {
            let request = InitProducerIDRequest(
                transactionalID: id, transactionTimeoutMilliseconds: timeout,
                producerID: goingOn ? producer.id : -1, producerEpoch: goingOn ? producer.epoch : -1)
            let answer = try client.call(request, version: version, InitProducerIDResponse.self)
            if answer.errorCode == .concurrentTransactions { continue }
            if answer.errorCode == .none {
                producer = (answer.producerID, answer.producerEpoch)
                sequences = [:]
            }
            return answer.errorCode
        }
    }

    @discardableResult
    func add(_ topic: String, _ partition: Int32 = 0, version: Int16 = 3) throws -> ErrorCode {
        let request = AddPartitionsToTransactionRequest(
            transactions: [
                .init(
                    transactionalID: id, producerID: producer.id, producerEpoch: producer.epoch,
                    topics: [.init(name: topic, partitions: [partition])])
            ])
        let answer = try client.call(request, version: version, AddPartitionsToTransactionResponse.self)
        return answer.transactions[0].topics[0].partitions[0].errorCode
    }

    /// Produces one batch of the transaction; version 12 adds the partition by itself.
    @discardableResult
    func produce(_ values: [String], to topic: String, version: Int16 = 9) throws -> ErrorCode {
        var builder = RecordBatchBuilder()
        for value in values {
            try Array(value.utf8).withUnsafeBytes {
                try builder.append(key: nil, value: $0, timestampMilliseconds: 1000)
            }
        }
        var options = RecordBatchOptions()
        options.producerID = producer.id
        options.producerEpoch = producer.epoch
        options.baseSequence = sequences[topic, default: 0]
        options.isTransactional = true
        try builder.finish(options)
        let batch = builder.withBatch { Array($0) }
        let code = try batch.withUnsafeBytes { raw -> ErrorCode in
            let request = ProduceRequest(
                transactionalID: id, acks: -1,
                topics: [.init(name: topic, partitions: [.init(index: 0, records: .view(raw))])])
            return try client.call(request, version: version, ProduceResponse.self) {
                $0.topics[0].partitions[0].errorCode
            }
        }
        if code == .none { sequences[topic, default: 0] += Int32(values.count) }
        return code
    }

    @discardableResult
    func end(commit: Bool, version: Int16 = 3) throws -> ErrorCode {
        let request = EndTransactionRequest(
            transactionalID: id, producerID: producer.id, producerEpoch: producer.epoch, isCommit: commit)
        let answer = try client.call(request, version: version, EndTransactionResponse.self)
        if answer.errorCode == .none && version >= 5 {
            if producer.epoch != answer.producerEpoch { sequences = [:] }
            producer = (answer.producerID, answer.producerEpoch)
        }
        return answer.errorCode
    }

    @discardableResult
    func commitOffset(_ offset: Int64, _ group: String, _ topic: String, version: Int16 = 3) throws -> ErrorCode {
        if version < 5 {
            let add = AddOffsetsToTransactionRequest(
                transactionalID: id, producerID: producer.id, producerEpoch: producer.epoch, groupID: group)
            let added = try client.call(add, version: 3, AddOffsetsToTransactionResponse.self)
            guard added.errorCode == .none else { return added.errorCode }
        }
        let request = TransactionOffsetCommitRequest(
            transactionalID: id, groupID: group, producerID: producer.id, producerEpoch: producer.epoch,
            topics: [.init(name: topic, partitions: [.init(index: 0, offset: offset)])])
        let answer = try client.call(request, version: version, TransactionOffsetCommitResponse.self)
        return answer.topics[0].partitions[0].errorCode
    }

    /// The values that a consumer of committed data reads, as Kafka's clients filter them.
    func committed(_ topic: String, from offset: Int64 = 0) throws -> [String] {
        var request = TestClient.fetch(topic, from: offset)
        request.isolationLevel = 1
        try client.send(request, version: 11)
        guard let bytes = try client.answer(.fetch, version: 11) else { throw TestClient.Failure(what: "closed") }
        return try bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            let partition = try FetchResponse(decoding: &reader, version: 11).topics[0].partitions[0]
            guard case .view(let records) = partition.records else { throw TestClient.Failure(what: "no records") }
            let aborted = (partition.abortedTransactions ?? []).map {
                AbortedTransaction(producerID: $0.producerID, firstOffset: $0.firstOffset)
            }
            var values: [String] = []
            var batches = RecordBatchReader()
            try batches.read(records, from: offset, aborted: aborted) { record in
                values.append(record.value.map { String(decoding: $0, as: UTF8.self) } ?? "")
                return true
            }
            return values
        }
    }

    func offset(_ topic: String, _ timestamp: Int64, isolation: Int8) throws -> Int64 {
        let request = ListOffsetsRequest(
            isolationLevel: isolation,
            topics: [.init(name: topic, partitions: [.init(index: 0, timestamp: timestamp)])])
        return try client.call(request, version: 7, ListOffsetsResponse.self).topics[0].partitions[0].offset
    }

    func state() throws -> DescribeTransactionsResponse.Transaction {
        let request = DescribeTransactionsRequest(transactionalIDs: [id])
        return try client.call(request, version: 0, DescribeTransactionsResponse.self).transactions[0]
    }

    func committedOffset(_ group: String, _ topic: String, stable: Bool) throws -> (Int64, ErrorCode) {
        let request = OffsetFetchRequest(
            groups: [.init(groupID: group, topics: [.init(name: topic, partitions: [0])])], requireStable: stable)
        let partition = try client.call(request, version: 8, OffsetFetchResponse.self).groups[0].topics[0].partitions[0]
        return (partition.offset, partition.errorCode)
    }
}
