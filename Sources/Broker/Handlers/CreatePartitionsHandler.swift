import KafkaWire

/// CreatePartitions (API 37).
enum CreatePartitionsHandler {
    static func handle(_ request: CreatePartitionsRequest, _ context: RequestContext) {
        let core = context.core
        context.onWorker {
            let repeated = Repeated(request.topics.map(\.name))
            return CreatePartitionsResponse(
                results: request.topics.map { topic in
                    var result = CreatePartitionsResponse.Result(name: topic.name)
                    do throws(BrokerError) {
                        try repeated.check(topic.name)
                        try checkAssignments(topic, core)
                        try core.catalog.addPartitions(
                            topic.name, total: topic.count, validateOnly: request.validateOnly)
                    } catch {
                        result.errorCode = error.errorCode
                        result.errorMessage = error.message
                    }
                    return result
                })
        } then: { response in
            for result in response.results where result.errorCode != .none { context.count(result.errorCode) }
            context.answer(response)
        }
    }

    /// Throws unless the new partitions are all given to this broker, which is the only one.
    private static func checkAssignments(
        _ wanted: CreatePartitionsRequest.Topic, _ core: BrokerCore
    ) throws(BrokerError) {
        guard let assignments = wanted.assignments, let topic = core.catalog.topic(wanted.name) else { return }
        let additional = Int(wanted.count) - topic.partitions.count
        guard additional <= 0 || assignments.count == additional else {
            throw BrokerError(
                .invalidReplicaAssignment, "\(additional) new partitions, but \(assignments.count) assignments")
        }
        for assignment in assignments { try ReplicaAssignment.check(assignment.brokerIDs, nodeID: core.options.nodeID) }
    }
}
