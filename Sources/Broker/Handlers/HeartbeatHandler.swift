import KafkaWire

/// Heartbeat (API 12).
enum HeartbeatHandler {
    static func handle(_ request: HeartbeatRequest, _ context: RequestContext) {
        let identity = ClassicGroup.Identity(
            memberID: request.memberID, instanceID: request.groupInstanceID, generation: request.generation)
        let error = context.core.groups.heartbeat(request.groupID, identity)
        context.answer(HeartbeatResponse(errorCode: error), counting: error)
    }
}
