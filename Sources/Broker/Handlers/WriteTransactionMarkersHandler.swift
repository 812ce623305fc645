import CommitLog
import KafkaWire
import RecordBatch
import Synchronization

/// WriteTxnMarkers (API 27): an administrator ends a transaction that hangs in a partition; answered when the markers are
/// durable.
enum WriteTransactionMarkersHandler {
    typealias Request = WriteTransactionMarkersRequest
    typealias Response = WriteTransactionMarkersResponse

    static func handle(_ request: Request, _ context: RequestContext) {
        let pending = Pending(request, context)
        for marker in request.markers {
            for topic in marker.topics {
                for partition in topic.partitions {
                    write(marker, topic.name, partition, context) {
                        pending.finish(Place(marker.producerID, topic.name, partition), $0)
                    }
                }
            }
        }
        // The last part is this thread's, so that the answer never comes before all were begun.
        pending.finish(nil, .none)
    }

    private struct Place: Hashable, Sendable {
        let producerID: Int64
        let topic: String
        let partition: Int32

        init(_ producerID: Int64, _ topic: String, _ partition: Int32) {
            self.producerID = producerID
            self.topic = topic
            self.partition = partition
        }
    }

    /// Answers once every marker has its result.
    private final class Pending: Sendable {
        private struct State: Sendable {
            var errors: [Place: ErrorCode] = [:]
            var missing: Int
        }

        private let state: Mutex<State>
        private let request: Request
        private let context: RequestContext

        init(_ request: Request, _ context: RequestContext) {
            let count = request.markers.reduce(1) { $0 + $1.topics.reduce(0) { $0 + $1.partitions.count } }
            state = Mutex(State(missing: count))
            self.request = request
            self.context = context
        }

        func finish(_ place: Place?, _ error: ErrorCode) {
            let complete = state.withLock { state -> [Place: ErrorCode]? in
                if let place { state.errors[place] = error }
                state.missing -= 1
                return state.missing == 0 ? state.errors : nil
            }
            guard let complete else { return }
            let (request, context) = (request, context)
            context.onShard { context.answer(WriteTransactionMarkersHandler.answer(request, complete)) }
        }
    }

    private static func write(
        _ marker: Request.Marker, _ topic: String, _ index: Int32, _ context: RequestContext,
        _ done: @escaping @Sendable (ErrorCode) -> Void
    ) {
        guard let topic = context.core.catalog.topic(topic), !topic.isInternal, let log = topic.partition(index) else {
            return done(.unknownTopicOrPartition)
        }
        guard marker.producerID >= 0, marker.producerEpoch >= 0 else { return done(.invalidRequest) }
        do throws(LogError) {
            let record = ControlRecord(
                outcome: marker.isCommit ? .commit : .abort, coordinatorEpoch: marker.coordinatorEpoch)
            let result = try log.appendMarker(
                record, producerID: marker.producerID, producerEpoch: marker.producerEpoch, durability: .durable)
            log.whenDurable(upTo: result.lastOffset + 1) { outcome in
                if case .failure(let error) = outcome { done(error.errorCode) } else { done(.none) }
            }
        } catch {
            done(error.errorCode)
        }
    }

    private static func answer(_ request: Request, _ errors: [Place: ErrorCode]) -> Response {
        Response(
            markers: request.markers.map { marker in
                Response.Marker(
                    producerID: marker.producerID,
                    topics: marker.topics.map { topic in
                        Response.Topic(
                            name: topic.name,
                            partitions: topic.partitions.map {
                                Response.Partition(
                                    index: $0, errorCode: errors[Place(marker.producerID, topic.name, $0)] ?? .none)
                            })
                    })
            })
    }
}
