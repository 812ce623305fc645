import KafkaWire

/// ElectLeaders (API 43): the only broker leads every partition already.
enum ElectLeadersHandler {
    /// Preferred and unclean elections.
    private static let electionTypes: ClosedRange<Int8> = 0...1

    static func handle(_ request: ElectLeadersRequest, _ context: RequestContext) {
        guard electionTypes.contains(request.electionType) else {
            context.count(.invalidRequest)
            return context.answer(ElectLeadersResponse(errorCode: .invalidRequest))
        }
        // Asked for all partitions, Kafka names only those whose election did something or failed: none here.
        context.answer(
            ElectLeadersResponse(
                topics: (request.topics ?? []).map { topic in
                    let known = context.core.catalog.topic(topic.name)
                    return .init(name: topic.name, partitions: topic.partitions.map { elect(known, $0) })
                }))
    }

    private static func elect(_ topic: Topic?, _ index: Int32) -> ElectLeadersResponse.Partition {
        guard topic?.partition(index) != nil else {
            return .init(
                index: index, errorCode: .unknownTopicOrPartition, errorMessage: "the partition does not exist")
        }
        return .init(
            index: index, errorCode: .electionNotNeeded, errorMessage: "the only broker leads the partition already")
    }
}
