import KafkaWire

/// ConsumerGroupHeartbeat (API 68): answered when what the heartbeat changed is durable.
enum ConsumerGroupHeartbeatHandler {
    static func handle(_ request: ConsumerGroupHeartbeatRequest, _ context: RequestContext) {
        let core = context.core
        core.groups.heartbeat(
            request, version: context.version, from: context.groupClient, core.catalog.snapshot
        ) { response in
            context.onShard { context.answer(response, counting: response.errorCode) }
        }
    }
}
