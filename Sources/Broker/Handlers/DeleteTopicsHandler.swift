import Bytes
import KafkaWire

/// DeleteTopics (API 20), by name or by id.
enum DeleteTopicsHandler {
    static func handle(_ request: DeleteTopicsRequest, _ context: RequestContext) {
        let core = context.core
        context.onWorker {
            DeleteTopicsResponse(topics: request.topics.map { delete($0, core) })
        } then: { response in
            for topic in response.topics where topic.errorCode != .none { context.count(topic.errorCode) }
            context.answer(response)
        }
    }

    private static func delete(
        _ wanted: DeleteTopicsRequest.Topic, _ core: BrokerCore
    ) -> DeleteTopicsResponse.Topic {
        var answer = DeleteTopicsResponse.Topic(name: wanted.name, id: wanted.id)
        do throws(BrokerError) {
            let name = try name(wanted, core)
            answer.name = name
            answer.id = core.catalog.topic(name)?.id ?? wanted.id
            try core.catalog.delete(name)
        } catch {
            answer.errorCode = error.errorCode
            answer.errorMessage = error.message
        }
        return answer
    }

    private static func name(_ wanted: DeleteTopicsRequest.Topic, _ core: BrokerCore) throws(BrokerError) -> String {
        if let name = wanted.name, !name.isEmpty { return name }
        guard let topic = core.catalog.topic(id: wanted.id) else {
            throw BrokerError(.unknownTopicID, "no topic has the id \(wanted.id.base64)")
        }
        return topic.name
    }
}
