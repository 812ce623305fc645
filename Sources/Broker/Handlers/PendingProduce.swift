import CommitLog
import KafkaWire
import Synchronization

/// A produce that is answered once all its batches are durable.
final class PendingProduce: Sendable {
    /// A batch that is written but perhaps not durable.
    struct Wait: Sendable {
        let log: PartitionLog
        /// Behind the batch.
        let offset: Int64
        /// Where its result stands in the response.
        let topicIndex: Int
        let partitionIndex: Int
    }

    private struct State: Sendable {
        var response: ProduceResponse
        var waiting: Int
    }

    private let state: Mutex<State>
    private let context: RequestContext

    private init(_ response: ProduceResponse, _ waiting: Int, _ context: RequestContext) {
        state = Mutex(State(response: response, waiting: waiting))
        self.context = context
    }

    /// Sends `response` when every wait is over; a batch that could not be made durable becomes an error.
    static func answer(_ response: ProduceResponse, after waits: [Wait], _ context: RequestContext) {
        guard !waits.isEmpty else { return context.answer(response) }
        let pending = PendingProduce(response, waits.count + 1, context)
        for wait in waits {
            wait.log.whenDurable(upTo: wait.offset) { result in
                var failure: LogError?
                if case .failure(let error) = result { failure = error }
                if let complete = pending.finish(wait, failure) {
                    pending.context.onShard { pending.context.answer(complete) }
                }
            }
        }
        // The last part belongs to this thread: when nothing had to wait, the answer takes no detour.
        if let complete = pending.finish(nil, nil) { context.answer(complete) }
    }

    /// Notes that one wait is over; returns the response when it was the last.
    private func finish(_ wait: Wait?, _ failure: LogError?) -> ProduceResponse? {
        state.withLock { state in
            if let wait, let failure {
                let index = state.response.topics[wait.topicIndex].partitions[wait.partitionIndex].index
                state.response.topics[wait.topicIndex].partitions[wait.partitionIndex] =
                    ProduceResponse.Partition(index: index, errorCode: failure.errorCode, errorMessage: "\(failure)")
            }
            state.waiting -= 1
            return state.waiting == 0 ? state.response : nil
        }
    }
}
