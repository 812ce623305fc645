import KafkaWire

/// AddOffsetsToTxn (API 25): offsets of a group will be committed with the transaction.
enum AddOffsetsToTransactionHandler {
    /// The first version whose clients know PRODUCER_FENCED.
    private static let fencedVersion: Int16 = 2

    static func handle(_ request: AddOffsetsToTransactionRequest, _ context: RequestContext) {
        guard !request.groupID.isEmpty else {
            return context.answer(AddOffsetsToTransactionResponse(errorCode: .invalidGroupID))
        }
        let producer = ProducerIdentity(id: request.producerID, epoch: request.producerEpoch)
        context.core.transactions.add(
            [TransactionCoordinator.offsetsPartition], to: request.transactionalID, producer
        ) { refusal in
            let fenced: ErrorCode = context.version >= fencedVersion ? .producerFenced : .invalidProducerEpoch
            let code = refusal?.errorCode(fenced: fenced) ?? .none
            context.onShard {
                if code != .none { context.count(code) }
                context.answer(AddOffsetsToTransactionResponse(errorCode: code))
            }
        }
    }
}
