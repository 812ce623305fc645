import Bytes
import KafkaWire

/// DeleteTopics (API 20), by name or by id.
enum DeleteTopicsHandler {
    static func handle(_ request: DeleteTopicsRequest, _ context: RequestContext) {
        let core = context.core
        guard core.options.allowsTopicDeletion else { return refuse(request, context) }
        context.onWorker {
            let repeated = Repeated(request.topics.map(\.description))
            return DeleteTopicsResponse(topics: request.topics.map { delete($0, repeated, core) })
        } then: { response in
            for topic in response.topics where topic.errorCode != .none { context.count(topic.errorCode) }
            context.answer(response)
        }
    }

    private static func refuse(_ request: DeleteTopicsRequest, _ context: RequestContext) {
        let code: ErrorCode =
            context.version >= firstVersionThatKnowsOfRefusal ? .topicDeletionDisabled : .invalidRequest
        let topics = request.topics.map {
            DeleteTopicsResponse.Topic(
                name: $0.name, id: $0.id, errorCode: code,
                errorMessage: "topics are not deleted here: kafka.delete_topics is off")
        }
        for _ in topics { context.count(code) }
        context.answer(DeleteTopicsResponse(topics: topics))
    }

    /// Clients of older versions do not know TOPIC_DELETION_DISABLED.
    private static let firstVersionThatKnowsOfRefusal: Int16 = 3

    private static func delete(
        _ wanted: DeleteTopicsRequest.Topic, _ repeated: Repeated<String>, _ core: BrokerCore
    ) -> DeleteTopicsResponse.Topic {
        var answer = DeleteTopicsResponse.Topic(name: wanted.name, id: wanted.id)
        do throws(BrokerError) {
            try repeated.check(wanted.description)
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
        if let name = wanted.name {
            guard wanted.id == .zero else {
                throw BrokerError(.invalidRequest, "give a topic's name or its id, not both")
            }
            return name
        }
        guard wanted.id != .zero else {
            throw BrokerError(.invalidRequest, "neither a topic's name nor its id is given")
        }
        guard let topic = core.catalog.topic(id: wanted.id) else {
            throw BrokerError(.unknownTopicID, "no topic has the id \(wanted.id.base64)")
        }
        return topic.name
    }
}

extension DeleteTopicsRequest.Topic {
    fileprivate var description: String { name.map { "topic \($0.debugDescription)" } ?? "topic id \(id.base64)" }
}
