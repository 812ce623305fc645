import KafkaWire

/// SyncGroup (API 14): answered when the group's leader has assigned, and that is durable.
enum SyncGroupHandler {
    static func handle(_ request: SyncGroupRequest, _ context: RequestContext) {
        context.core.groups.sync(request, connection: context.connectionID) { response in
            context.onShard { context.answer(response, counting: response.errorCode) }
        }
    }
}
