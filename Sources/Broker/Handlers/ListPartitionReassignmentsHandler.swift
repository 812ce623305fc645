import KafkaWire

/// ListPartitionReassignments (API 46): with one broker nothing is ever on the move.
enum ListPartitionReassignmentsHandler {
    static func handle(_ request: ListPartitionReassignmentsRequest, _ context: RequestContext) {
        context.answer(ListPartitionReassignmentsResponse())
    }
}
