import KafkaWire

/// DeleteGroups (API 42): answered when it is durable that the groups are gone, with what open transactions were to commit
/// for them.
enum DeleteGroupsHandler {
    static func handle(_ request: DeleteGroupsRequest, _ context: RequestContext) {
        let ids = request.groups
        let transactions = context.core.transactions
        let pending = transactions.groupsWithPendingOffsets(among: Set(ids))
        context.core.groups.delete(ids) { errors in
            // A group may be no more than what a transaction is to commit.
            let results = zip(ids, errors).map { id, error in
                error == .groupIDNotFound && pending.contains(id) ? (id, ErrorCode.none) : (id, error)
            }
            let gone = Set(results.filter { $0.1 == .none }.map(\.0))
            transactions.forgetOffsets(where: { gone.contains($0.group) }) { failure in
                let response = DeleteGroupsResponse(
                    results: results.map { id, error in
                        let code = gone.contains(id) ? failure?.coordinatorErrorCode ?? error : error
                        return DeleteGroupsResponse.Result(groupID: id, errorCode: code)
                    })
                context.onShard { context.answer(response) }
            }
        }
    }
}
