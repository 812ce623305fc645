import Bytes
import CommitLog
import KafkaWire
import Observability
import RecordBatch

/// Fetch (API 1): ranges of log files, at once or as soon as there are enough bytes.
///
/// Sessions (KIP-227) are answered with id 0, which makes clients send every partition each time.
enum FetchHandler {
    static func handle(_ request: FetchRequest, _ context: RequestContext) {
        guard context.version >= 4 else { return refuse(request, context) }
        let plan = FetchPlan(request, context.core)
        if plan.isReady || request.maxWaitMilliseconds <= 0 { return answer(plan, context) }
        context.shard.waiters.park(request, plan, context)
    }

    /// Versions below 4 carry message formats that are no longer written.
    private static func refuse(_ request: FetchRequest, _ context: RequestContext) {
        let topics = request.topics.map { topic in
            FetchResponse.Topic(
                name: topic.name,
                partitions: topic.partitions.map {
                    FetchResponse.Partition(index: $0.index, errorCode: .unsupportedVersion)
                })
        }
        context.answer(FetchResponse(topics: topics), inserting: [])
    }

    /// Sends what a plan found.
    static func answer(_ plan: FetchPlan, _ context: RequestContext) {
        var response = FetchResponse()
        var slices: [LogSlice] = []
        var next = plan.results.makeIterator()
        for topic in plan.request.topics {
            var partitions: [FetchResponse.Partition] = []
            for partition in topic.partitions {
                guard let result = next.next() else { preconditionFailure("a result for each partition") }
                partitions.append(result.partition(partition.index))
                guard let slice = result.slice, !slice.isEmpty else { continue }
                result.topic?.counters.sentBytes.add(slice.count)
                slices.append(slice)
            }
            response.topics.append(FetchResponse.Topic(name: topic.name, id: topic.id, partitions: partitions))
        }
        response.throttleMilliseconds = context.throttle(
            .consumerByteRate, byteCount: slices.reduce(0) { $0 + $1.count })
        context.answer(response, inserting: slices)
    }
}

/// What can be answered to a fetch at one moment.
struct FetchPlan {
    /// What there is of one partition.
    struct Result {
        var errorCode: ErrorCode = .none
        var topic: Topic?
        var log: PartitionLog?
        /// As it was when the read began; the client may get records beyond it.
        var highWatermark: Int64 = -1
        var lastStableOffset: Int64 = -1
        var slice: LogSlice?
        /// What a reader of committed data leaves out; nil for other readers.
        var aborted: [AbortedTransaction]?

        func partition(_ index: Int32) -> FetchResponse.Partition {
            FetchResponse.Partition(
                index: index, errorCode: errorCode, highWatermark: highWatermark, lastStableOffset: lastStableOffset,
                logStartOffset: log?.startOffset ?? -1,
                abortedTransactions: aborted?.map {
                    FetchResponse.AbortedTransaction(producerID: $0.producerID, firstOffset: $0.firstOffset)
                },
                records: .external(byteCount: slice?.count ?? 0))
        }
    }

    let request: FetchRequest
    private(set) var results: [Result] = []
    private var byteCount = 0
    private var hasError = false

    /// Looks what there is for `request` now.
    init(_ request: FetchRequest, _ core: BrokerCore) {
        self.request = request
        var room = min(Int(max(0, request.maxBytes)), core.options.fetchMaxBytes)
        for topic in request.topics {
            let found = topic.id == .zero ? core.catalog.topic(topic.name) : core.catalog.topic(id: topic.id)
            for partition in topic.partitions {
                let result = Self.read(
                    partition, found, room: room, isFirst: byteCount == 0, isCommitted: request.isolationLevel == 1)
                let count = result.slice?.count ?? 0
                byteCount += count
                room = max(0, room - count)
                hasError = hasError || result.errorCode != .none
                results.append(result)
            }
        }
    }

    /// Whether the answer need not wait: enough bytes, something wrong, or nothing asked for.
    var isReady: Bool { byteCount >= Int(request.minBytes) || hasError || results.isEmpty }

    /// Whether a partition has grown since the plan was made.
    var isOutdated: Bool {
        results.contains { result in
            guard let log = result.log else { return false }
            return log.highWatermark != result.highWatermark || log.lastStableOffset != result.lastStableOffset
        }
    }

    private static func read(
        _ wanted: FetchRequest.Partition, _ topic: Topic?, room: Int, isFirst: Bool, isCommitted: Bool
    ) -> Result {
        guard let topic, let log = topic.partition(wanted.index) else {
            return Result(errorCode: .unknownTopicOrPartition)
        }
        guard wanted.currentLeaderEpoch <= BrokerCore.leaderEpoch else {
            return Result(errorCode: .unknownLeaderEpoch)
        }
        var result = Result(
            topic: topic, log: log, highWatermark: log.highWatermark, lastStableOffset: log.lastStableOffset)
        do throws(LogError) {
            let bytes = min(room, Int(max(0, wanted.partitionMaxBytes)))
            let slice = try log.read(
                from: wanted.fetchOffset, maxBytes: bytes, limit: isCommitted ? .lastStable : .highWatermark,
                minimumOneBatch: isFirst)
            if isCommitted {
                result.aborted =
                    slice.isEmpty ? [] : try log.abortedTransactions(from: wanted.fetchOffset, to: slice.offsetLimit)
            }
            result.slice = slice
        } catch {
            result.errorCode = error.errorCode
        }
        return result
    }
}
