import KafkaWire

/// DeleteGroups (API 42): answered when it is durable that the groups are gone.
enum DeleteGroupsHandler {
    static func handle(_ request: DeleteGroupsRequest, _ context: RequestContext) {
        let ids = request.groups
        context.core.groups.delete(ids) { errors in
            let results = zip(ids, errors).map { DeleteGroupsResponse.Result(groupID: $0, errorCode: $1) }
            context.onShard { context.answer(DeleteGroupsResponse(results: results)) }
        }
    }
}
