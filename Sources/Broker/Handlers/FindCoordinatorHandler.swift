import KafkaWire

/// FindCoordinator (API 10): the only broker coordinates every group.
enum FindCoordinatorHandler {
    /// Coordinators of groups, of transactions.
    private static let keyTypes: ClosedRange<Int8> = 0...1

    static func handle(_ request: FindCoordinatorRequest, _ context: RequestContext) {
        let advertised = context.advertised
        context.answer(
            FindCoordinatorResponse(
                coordinators: request.keys.map { key in
                    guard keyTypes.contains(request.keyType) else {
                        return FindCoordinatorResponse.Coordinator(
                            key: key, errorCode: .invalidRequest,
                            errorMessage: "coordinators of type \(request.keyType) are not known")
                    }
                    return FindCoordinatorResponse.Coordinator(
                        key: key, nodeID: context.core.options.nodeID, host: advertised.host, port: advertised.port)
                }))
    }
}
