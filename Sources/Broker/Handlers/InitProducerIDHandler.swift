import KafkaWire

/// InitProducerId (API 22): an id for an idempotent producer. Transactions are not offered.
enum InitProducerIDHandler {
    static func handle(_ request: InitProducerIDRequest, _ context: RequestContext) {
        guard request.transactionalID == nil else {
            // Fatal for the client, where COORDINATOR_NOT_AVAILABLE would be asked again for ever.
            context.count(.unsupportedVersion)
            return context.answer(InitProducerIDResponse(errorCode: .unsupportedVersion))
        }
        // An idempotent producer that lost its place goes on with the next epoch of its id (KIP-360).
        if request.producerID >= 0, request.producerEpoch >= 0, request.producerEpoch < Int16.max {
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
