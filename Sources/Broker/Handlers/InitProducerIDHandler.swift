import KafkaWire

/// InitProducerId (API 22): an identity for an idempotent or a transactional producer.
enum InitProducerIDHandler {
    /// The first version whose clients know PRODUCER_FENCED.
    private static let fencedVersion: Int16 = 4

    static func handle(_ request: InitProducerIDRequest, _ context: RequestContext) {
        // One without the other makes no sense (KIP-360).
        guard (request.producerID >= 0) == (request.producerEpoch >= 0) else {
            return context.answer(InitProducerIDResponse(errorCode: .invalidRequest))
        }
        guard let id = request.transactionalID else { return answerIdempotent(request, context) }
        let expected =
            request.producerID < 0 ? nil : ProducerIdentity(id: request.producerID, epoch: request.producerEpoch)
        context.core.transactions.initialize(
            id, timeoutMilliseconds: request.transactionTimeoutMilliseconds, expected: expected
        ) { result in
            context.onShard {
                switch result {
                case .success(let producer):
                    context.answer(InitProducerIDResponse(producerID: producer.id, producerEpoch: producer.epoch))
                case .failure(let refusal):
                    let fenced: ErrorCode =
                        context.version >= fencedVersion ? .producerFenced : .invalidProducerEpoch
                    let code = refusal.errorCode(fenced: fenced)
                    context.count(code)
                    context.answer(InitProducerIDResponse(errorCode: code))
                }
            }
        }
    }

    private static func answerIdempotent(_ request: InitProducerIDRequest, _ context: RequestContext) {
        // An idempotent producer that lost its place goes on with the next epoch of its id (KIP-360).
        if request.producerID >= 0, request.producerEpoch < Int16.max {
            return context.answer(
                InitProducerIDResponse(producerID: request.producerID, producerEpoch: request.producerEpoch + 1))
        }
        let core = context.core
        context.onWorker {
            do throws(BrokerError) {
                return InitProducerIDResponse(producerID: try core.producerIDs.next(), producerEpoch: 0)
            } catch {
                return InitProducerIDResponse(errorCode: error.errorCode)
            }
        } then: { response in
            context.answer(response)
        }
    }
}
