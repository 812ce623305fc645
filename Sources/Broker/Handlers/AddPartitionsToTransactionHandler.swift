import KafkaWire
import Synchronization

/// AddPartitionsToTxn (API 24): partitions that a transaction will write to, answered when that is durable.
///
/// Either all partitions of a transaction are added, or none.
enum AddPartitionsToTransactionHandler {
    /// The first version whose clients know PRODUCER_FENCED.
    private static let fencedVersion: Int16 = 2
    /// The first version whose clients know TRANSACTION_ABORTABLE.
    private static let abortableVersion: Int16 = 5

    typealias Request = AddPartitionsToTransactionRequest
    typealias Response = AddPartitionsToTransactionResponse

    static func handle(_ request: Request, _ context: RequestContext) {
        let pending = Pending(request.transactions.count, context)
        for (index, transaction) in request.transactions.enumerated() {
            add(transaction, context) { pending.finish(index, $0) }
        }
        if request.transactions.isEmpty { context.answer(Response()) }
    }

    /// Answers once every transaction of the request has its result.
    private final class Pending: Sendable {
        private struct State: Sendable {
            var results: [Response.Transaction?]
            var missing: Int
        }

        private let state: Mutex<State>
        private let context: RequestContext

        init(_ count: Int, _ context: RequestContext) {
            state = Mutex(State(results: Array(repeating: nil, count: count), missing: count))
            self.context = context
        }

        func finish(_ index: Int, _ result: Response.Transaction) {
            let complete = state.withLock { state -> [Response.Transaction]? in
                state.results[index] = result
                state.missing -= 1
                return state.missing == 0 ? state.results.compactMap { $0 } : nil
            }
            guard let complete else { return }
            let context = context
            context.onShard { context.answer(Response(transactions: complete)) }
        }
    }

    private static func add(
        _ transaction: Request.Transaction, _ context: RequestContext,
        _ done: @escaping @Sendable (Response.Transaction) -> Void
    ) {
        let producer = ProducerIdentity(id: transaction.producerID, epoch: transaction.producerEpoch)
        let version = context.version
        let names = transaction.topics.flatMap { topic in
            topic.partitions.map { PartitionName(topic: topic.name, partition: $0) }
        }
        if transaction.isVerification {
            return done(
                answer(transaction) { code(context.core.transactions.verify($0, transaction, producer), version) })
        }
        let unknown = Set(names.filter { !isKnown($0, context) })
        guard unknown.isEmpty else {
            context.count(.unknownTopicOrPartition)
            return done(
                answer(transaction) { unknown.contains($0) ? .unknownTopicOrPartition : .operationNotAttempted })
        }
        context.core.transactions.add(Set(names), to: transaction.transactionalID, producer) { refusal in
            done(answer(transaction) { _ in code(refusal, version) })
        }
    }

    private static func isKnown(_ name: PartitionName, _ context: RequestContext) -> Bool {
        guard let topic = context.core.catalog.topic(name.topic), !topic.isInternal else { return false }
        return topic.partition(name.partition) != nil
    }

    private static func code(_ refusal: TransactionRefusal?, _ version: Int16) -> ErrorCode {
        refusal?.errorCode(
            fenced: version >= fencedVersion ? .producerFenced : .invalidProducerEpoch,
            isAbortable: version >= abortableVersion) ?? .none
    }

    private static func answer(
        _ transaction: Request.Transaction, _ code: (PartitionName) -> ErrorCode
    ) -> Response.Transaction {
        Response.Transaction(
            transactionalID: transaction.transactionalID,
            topics: transaction.topics.map { topic in
                Response.Topic(
                    name: topic.name,
                    partitions: topic.partitions.map {
                        Response.Partition(
                            index: $0, errorCode: code(PartitionName(topic: topic.name, partition: $0)))
                    })
            })
    }
}

extension TransactionCoordinator {
    /// Whether a partition belongs to the open transaction; nil when it does.
    fileprivate func verify(
        _ name: PartitionName, _ transaction: AddPartitionsToTransactionRequest.Transaction,
        _ producer: ProducerIdentity
    ) -> TransactionRefusal? {
        switch admit(name, to: transaction.transactionalID, producer, isImplicit: false) {
        case .success: nil
        case .failure(.wrongState): .notInTransaction
        case .failure(let refusal): refusal
        }
    }
}
