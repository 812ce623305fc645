import KafkaWire

/// JoinGroup (API 11): answered when the next generation of the group begins.
enum JoinGroupHandler {
    static func handle(_ request: JoinGroupRequest, _ context: RequestContext) {
        context.core.groups.join(request, version: context.version, from: context.groupClient) { response in
            context.onShard { context.answer(response, counting: response.errorCode) }
        }
    }
}
