import KafkaWire

/// EndTxn (API 26): commits or aborts a transaction; answered when every partition has its marker, so that a consumer of
/// committed data sees the outcome from then on.
enum EndTransactionHandler {
    /// The first version whose clients know PRODUCER_FENCED.
    private static let fencedVersion: Int16 = 2
    /// The first version that gives the producer a new epoch (KIP-890).
    private static let bumpingVersion: Int16 = 5

    static func handle(_ request: EndTransactionRequest, _ context: RequestContext) {
        let producer = ProducerIdentity(id: request.producerID, epoch: request.producerEpoch)
        let bumps = context.version >= bumpingVersion
        context.core.transactions.end(
            request.transactionalID, producer, isCommit: request.isCommit,
            version: bumps ? Transaction.bumpingVersion : 0
        ) { result in
            context.onShard {
                switch result {
                case .success(let next):
                    context.answer(EndTransactionResponse(producerID: next.id, producerEpoch: next.epoch))
                case .failure(let refusal):
                    let fenced: ErrorCode =
                        context.version >= fencedVersion ? .producerFenced : .invalidProducerEpoch
                    let code = refusal.errorCode(fenced: fenced)
                    context.count(code)
                    context.answer(EndTransactionResponse(errorCode: code))
                }
            }
        }
    }
}
