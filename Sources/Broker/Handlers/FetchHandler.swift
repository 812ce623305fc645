import KafkaWire

/// Fetch (API 1): ranges of log files, at once or as soon as there are enough bytes; `Fetches` does the work.
enum FetchHandler {
    static func handle(_ request: FetchRequest, _ context: RequestContext) {
        guard context.version >= 4 else { return refuse(request, context) }
        context.shard.fetches.handle(request, context)
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
}
