import Bytes
import KafkaWire

/// Produce (API 0): answers when the wanted durability is reached (`ProduceRun` checks and appends).
///
/// `acks=0` is never answered; an error then closes the connection, which is how the producer learns of it.
enum ProduceHandler {
    static func handle(_ request: ProduceRequest, _ context: RequestContext) {
        let run = ProduceRun(core: context.core, version: context.version, request: request)
        guard run.isLong, let kept = KeptProduce(run, context.core.codecWorkers) else {
            return answer(run.run(scratch: &context.shard.scratch), request.acks, request.recordBytes, context)
        }
        let (acks, byteCount) = (request.acks, request.recordBytes)
        context.onWorker(context.core.codecWorkers.next()) {
            kept.run()
        } then: {
            answer($0, acks, byteCount, context)
        }
    }

    private static func answer(
        _ outcome: ProduceRun.Outcome, _ acks: Int16, _ byteCount: Int, _ context: RequestContext
    ) {
        var response = outcome.response
        var hasFailed = false
        for topic in response.topics {
            for partition in topic.partitions where partition.errorCode != .none {
                context.count(partition.errorCode)
                hasFailed = true
            }
        }
        response.throttleMilliseconds = context.throttle(.producerByteRate, byteCount: byteCount)
        guard acks != 0 else {
            guard !hasFailed else { return context.close("a batch with acks=0 was refused") }
            return context.answerNothing()
        }
        PendingProduce.answer(response, after: outcome.waits, context)
    }
}
